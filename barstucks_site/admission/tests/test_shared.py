"""What several web processes count together in Redis, and what each does when it is away."""

import asyncio
import os
import time
from uuid import uuid4

import pytest

from barstucks_site.admission.buckets import Buckets
from barstucks_site.admission.recent_orders import RecentOrders, SharedRecentOrders
from barstucks_site.admission.shared_buckets import AWAY_SECONDS, DEADLINE, SharedBuckets
from barstucks_site.admission.token_bucket import Rate

NOBODY = "redis://127.0.0.1:9/0"
FIVE = Rate(at_once=5, per_second=10)


@pytest.fixture
def redis_url() -> str:
    """The Redis that tests/scaled.sh has started."""
    url = os.environ.get("CHANNELS_URL", "")
    if not url.startswith("redis"):
        pytest.skip("Needs Redis: run tests/scaled.sh.")
    return url


def a_process(url: str, prefix: str = "") -> SharedBuckets:
    return SharedBuckets(Buckets(time.monotonic), url, time.monotonic, prefix or uuid4().hex)


async def taken(buckets: SharedBuckets, times: int, rate: Rate = FIVE) -> int:
    return sum([not any(await buckets.take([("a", rate), ("total", rate)])) for _ in range(times)])


@pytest.mark.scaled
async def test_two_processes_have_one_bucket(redis_url: str) -> None:
    prefix = uuid4().hex
    first, second = a_process(redis_url, prefix), a_process(redis_url, prefix)
    slow = Rate(at_once=5, per_second=0.01)
    assert await taken(first, 3, slow) + await taken(second, 9, slow) == 5
    await first.give_back([("a", slow), ("total", slow)])
    assert await taken(second, 9, slow) == 1


@pytest.mark.scaled
async def test_a_shared_bucket_fills_by_itself(redis_url: str) -> None:
    prefix = uuid4().hex
    first, second = a_process(redis_url, prefix), a_process(redis_url, prefix)
    assert await taken(first, 9) >= 5
    await asyncio.sleep(0.35)
    assert 3 <= await taken(second, 9) <= 5


@pytest.mark.scaled
def test_two_processes_remember_the_same_orders(redis_url: str) -> None:
    prefix = uuid4().hex
    first, second = (SharedRecentOrders(RecentOrders(), redis_url, prefix=prefix) for _ in "12")
    assert first.enter(["a", "all"], "x") == (True, {"a": [], "all": []})
    assert second.enter(["a"], "y") == (True, {"a": ["x"]})
    assert second.enter(["a"], "x") == (False, {"a": []})
    first.leave("a", ["x"])
    assert second.enter(["a"], "z") == (True, {"a": ["y"]})


async def test_without_redis_a_process_counts_for_itself_and_soon_asks_no_more() -> None:
    buckets = a_process(NOBODY)
    begun = time.monotonic()
    assert 5 <= await taken(buckets, 50) <= 8
    assert time.monotonic() - begun < DEADLINE + AWAY_SECONDS


async def test_a_redis_that_does_not_answer_costs_one_deadline() -> None:
    silent = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    buckets = a_process(f"redis://127.0.0.1:{port}/0")
    begun = time.monotonic()
    assert await taken(buckets, 20, Rate(at_once=5, per_second=0.01)) == 5
    assert time.monotonic() - begun < 4 * DEADLINE
    silent.close()


def test_without_redis_a_process_remembers_for_itself() -> None:
    orders = SharedRecentOrders(RecentOrders(), NOBODY)
    assert orders.enter(["a"], "x") == (True, {"a": []})
    assert orders.enter(["a"], "y") == (True, {"a": ["x"]})
    orders.leave("a", ["x"])
    assert orders.enter(["a"], "z") == (True, {"a": ["y"]})
