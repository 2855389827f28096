"""Which limit a request counts for, and under which address."""

from uuid import UUID, uuid4

import pytest
from django.urls import reverse

from barstucks_site.admission.request_kinds import Kind, address_key, kind_of
from orders.links import customer_token, order_token


@pytest.mark.parametrize(
    ("method", "view", "kind"),
    [
        ("GET", "menu", Kind.MENU),
        ("GET", "basket", Kind.MENU),
        ("POST", "basket", Kind.MENU),
        ("POST", "place_order", Kind.ORDERS),
        ("POST", "api_orders", Kind.ORDERS),
        ("GET", "api_queue", Kind.PROGRAMS),
        ("GET", "api_root", Kind.PROGRAMS),
        ("GET", "place_order", Kind.PAGES),
        ("POST", "staff_login", Kind.LOGINS),
        ("GET", "staff_login", Kind.PAGES),
        ("GET", "me_export", Kind.EXPORTS),
        ("GET", "me", Kind.PAGES),
        ("POST", "forget_me", Kind.PAGES),
        ("GET", "board", Kind.PAGES),
        ("POST", "counter_place", Kind.PAGES),
    ],
)
def test_each_address_counts_for_its_kind(method: str, view: str, kind: Kind) -> None:
    assert kind_of(method, reverse(view)) is kind


def test_an_items_page_is_on_the_way_to_an_order() -> None:
    assert kind_of("GET", "/menu/espresso/") is Kind.MENU


def test_a_link_that_the_shop_signed_is_a_page_and_any_other_is_a_guess() -> None:
    token = order_token(uuid4())
    forged = token[:-1] + ("A" if token[-1] != "A" else "B")
    for path, kind in (
        (f"/o/{token}/", Kind.TRACKING),
        (f"/o/{token}/pay/", Kind.TRACKING),
        (f"/o/{forged}/", Kind.LINKS),
        (f"/o/{forged}/cancel/", Kind.LINKS),
        (f"/o/{UUID(int=0).hex}/", Kind.LINKS),
        ("/o/", Kind.LINKS),
        (f"/api/orders/{token}/", Kind.PROGRAMS),
        (f"/api/orders/{forged}/", Kind.LINKS),
        (f"/api/orders/{forged}/cancel/", Kind.LINKS),
        (f"/api/orders/{UUID(int=0).hex}/", Kind.PROGRAMS),
        (f"/me/{customer_token(uuid4())}/", Kind.PAGES),
        (f"/me/{UUID(int=0).hex}.AAAA/", Kind.LINKS),
        ("/me/", Kind.PAGES),
        ("/o", Kind.PAGES),
    ):
        assert kind_of("GET", path) is kind, path


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unix:", "unix:"),
    ],
)
def test_a_network_of_ipv6_is_one_address(address: str, key: str) -> None:
    assert address_key(address) == key
