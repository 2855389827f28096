"""Staff of a shop under test: logged in once, as many people as wanted.

Their forms carry the token of their page, as a browser's do.
"""

import secrets
import uuid
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

from tests.shop import Shop
from tests.visitor import Visitor

PAGES = {"barista": "/bar/", "cashier": "/till/", "manager": "/bar/"}
ROLES = {"bao": "barista", "casey": "cashier", "ada": "manager"}
CREATE = """
from django.contrib.auth.models import Group, User
group = Group.objects.get(name={role!r})
for name in {names!r}:
    user, _ = User.objects.get_or_create(username=name)
    user.set_password({password!r})
    user.save()
    user.groups.set([group])
"""


@contextmanager
def staff(shop: Shop, *names: str) -> Iterator[list[Visitor]]:
    """These people of the demonstration, each in a browser of their own, at their screens."""
    logins = shop.logins
    with ExitStack() as stack:
        yield [_at_work(stack, shop, name, logins[name], ROLES[name]) for name in names]


@contextmanager
def many(shop: Shop, role: str, number: int) -> Iterator[list[Visitor]]:
    """So many people of one role, each with an account of their own."""
    names, password = [f"{role}-{n}" for n in range(number)], secrets.token_hex(12)
    made = shop.command(
        "shell", "-v", "0", "-c", CREATE.format(role=role, names=names, password=password)
    )
    assert made.returncode == 0, made.stderr
    with ExitStack() as stack:
        yield [_at_work(stack, shop, name, password, role) for name in names]


def hand_over(barista: Visitor, cashier: Visitor, order: str) -> None:
    """Make an order, take its money and hand it over, so that it leaves every screen.

    Screens show a bounded number of orders. What is done already is refused, and goes on.
    """
    for visitor, button, fields in (
        (barista, "bar/{}/take", {}),
        (barista, "bar/{}/ready", {}),
        (cashier, "till/{}/cash", {"given": "100.00"}),
        (cashier, "till/{}/serve", {}),
    ):
        response = visitor.press(f"/{button.format(order)}/", **fields)
        assert response.status_code < 500, f"{button}: {response.status_code}"


def cancel_all(manager: Visitor, orders: Iterable[str]) -> None:
    """Cancel these orders with one press, as a manager may."""
    response = manager.post(
        "/manage/open/cancel/",
        [
            ("csrfmiddlewaretoken", manager.token),
            ("command_id", str(uuid.uuid4())),
            ("reason", "not a real order"),
            *(("order", order) for order in orders),
        ],
    )
    assert response.status_code == 200, f"{response.status_code}: {response.text[:300]}"


def _at_work(stack: ExitStack, shop: Shop, name: str, password: str, role: str) -> Visitor:
    visitor = stack.enter_context(Visitor(shop))
    visitor.log_in(name, password, PAGES[role])
    return visitor
