"""A key is made once, read while it lasts, and gone for good when it is destroyed."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection

from orders.domain.refused import AlreadyForgotten
from orders.personal_data import CACHE_SECONDS, CACHE_SIZE, CustomerKey, KeyRing, seal, unseal
from orders.tests.shop_cast import CARLA

CUSTOMER = CARLA.hex


@pytest.mark.django_db
def test_a_customer_has_one_key_in_every_process() -> None:
    assert KeyRing().writing_key(CUSTOMER) == KeyRing().writing_key(CUSTOMER)
    assert KeyRing().reading_key(CUSTOMER) == KeyRing().writing_key(CUSTOMER)


@pytest.mark.django_db(transaction=True)
def test_of_several_keys_made_at_once_one_is_used() -> None:
    def make(_number: int) -> bytes:
        try:
            return KeyRing().writing_key(CUSTOMER)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(make, range(16)))) == 1


@pytest.mark.django_db
def test_a_stranger_has_no_key_to_read_with() -> None:
    assert KeyRing().reading_key(CUSTOMER) is None


@pytest.mark.django_db
def test_another_process_notices_a_destroyed_key_soon() -> None:
    now = [0.0]
    here, elsewhere = KeyRing(), KeyRing(clock=lambda: now[0])
    elsewhere.writing_key(CUSTOMER)

    here.destroy(CUSTOMER)

    assert here.reading_key(CUSTOMER) is None
    now[0] = CACHE_SECONDS
    assert elsewhere.reading_key(CUSTOMER) is None
    with pytest.raises(AlreadyForgotten):
        elsewhere.writing_key(CUSTOMER)


@pytest.mark.django_db
def test_a_key_that_is_destroyed_while_it_is_read_is_not_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    KeyRing().writing_key(CUSTOMER)
    keys = KeyRing()
    remember = keys._remember

    def after_its_end(customer: str, key: bytes) -> None:
        monkeypatch.undo()
        keys.destroy(customer)
        remember(customer, key)

    monkeypatch.setattr(keys, "_remember", after_its_end)
    keys.fetch([CUSTOMER])

    assert keys.reading_key(CUSTOMER) is None


@pytest.mark.django_db(transaction=True)
def test_a_destroyed_key_is_in_no_byte_of_the_file() -> None:
    if connection.vendor != "sqlite":
        assert connection.vendor == "postgresql"  # rows vanish there with vacuum
        return
    key = KeyRing().writing_key(CUSTOMER)
    file = Path(str(connection.settings_dict["NAME"]))
    assert key in file.read_bytes()

    KeyRing().destroy(CUSTOMER)

    assert key not in file.read_bytes()


@pytest.mark.django_db
def test_what_is_remembered_is_bounded() -> None:
    keys = KeyRing()
    CustomerKey.objects.bulk_create(
        CustomerKey(customer=str(number), key=b"k") for number in range(CACHE_SIZE + 5)
    )

    for number in range(CACHE_SIZE + 5):
        keys.reading_key(str(number))

    assert len(keys._cached) <= CACHE_SIZE


def test_a_sealed_text_opens_with_its_key_and_in_its_place_only() -> None:
    sealed = seal("Carla", b"k" * 32, b"here")

    assert unseal(sealed, b"k" * 32, b"here") == "Carla"
    assert unseal(sealed, b"x" * 32, b"here") is None
    assert unseal(sealed, b"k" * 32, b"there") is None
    assert sealed != seal("Carla", b"k" * 32, b"here")
