"""Fifty people want one name at the same moment: one gets it, forty-nine are refused."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection

from orders.customers import registration
from orders.domain.refused import NameTaken
from orders.event_store import EventStore
from orders.tests.shop_cast import envelope


@pytest.mark.django_db(transaction=True)
def test_of_fifty_registrations_of_one_name_one_wins(store: EventStore) -> None:
    name = f"Carla {uuid4().hex[:8]}"

    def register(_number: int) -> bool:
        try:
            registration.register(uuid4(), name, envelope(), store=store)
        except NameTaken:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(50) as pool:
        assert sorted(pool.map(register, range(50))) == [False] * 49 + [True]
