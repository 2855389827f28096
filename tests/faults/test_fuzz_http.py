"""What no HTTP library sends, over real sockets: refused, while everybody else is served.

`BARSTUCKS_FUZZ_REQUESTS` is how many broken requests are sent; without it a few hundred.
"""

import asyncio
import os
import re
from collections import Counter
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import httpx
import pytest

from tests.faults.fuzz.raw_requests import raw_request
from tests.shop import Shop

pytestmark = pytest.mark.slow

REQUESTS = int(os.environ.get("BARSTUCKS_FUZZ_REQUESTS", "400"))
SEED = int(os.environ.get("BARSTUCKS_FUZZ_SEED", "7"))
AT_ONCE = 6
ANSWER_SECONDS = 0.7
"""How long an answer is waited for: half a request gets none."""

LOOK_EVERY = 0.2
MOST_GROWTH_KB = 50_000


async def answer_to(port: int, request: bytes) -> bytes:
    """The first line that comes back; empty if the server hung up or waits for more."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        return await asyncio.wait_for(reader.readline(), ANSWER_SECONDS)
    except (TimeoutError, ConnectionError):
        return b""
    finally:
        writer.close()


async def attack(port: int, requests: list[bytes]) -> list[tuple[bytes, bytes]]:
    """Send them all, a few at once; each with the answer it got."""
    answers: list[tuple[bytes, bytes]] = []
    waiting = iter(requests)

    async def client() -> None:
        for request in waiting:
            answers.append((request, await answer_to(port, request)))

    await asyncio.gather(*(client() for _ in range(AT_ONCE)))
    return answers


async def looked_at(url: str, until: asyncio.Task[object]) -> list[int]:
    """The statuses that a menu and a health probe gave meanwhile, again and again."""
    statuses = []
    async with httpx.AsyncClient(base_url=url, timeout=10, trust_env=False) as client:
        while not until.done():
            for path in ("/", "/livez", "/readyz"):
                statuses.append((await client.get(path)).status_code)
            await asyncio.sleep(LOOK_EVERY)
    return statuses


def memory_kb(pid: int) -> int:
    """The resident memory of a process."""
    found = re.search(r"VmRSS:\s*(\d+)", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1])


@pytest.mark.timeout(900)
def test_broken_requests_are_refused_and_nobody_else_notices(shop: Shop) -> None:
    dice = Random(SEED)
    requests = [raw_request(dice) for _ in range(REQUESTS)]
    port = urlsplit(shop.url).port or 80
    asyncio.run(attack(port, requests[:100]))  # so that everything is loaded that ever will be
    web, log_before = shop.pid("web"), shop.log.stat().st_size
    memory_before = memory_kb(web)

    async def attack_and_look() -> tuple[list[tuple[bytes, bytes]], list[int]]:
        attacking = asyncio.create_task(attack(port, requests))
        statuses = await looked_at(shop.url, attacking)
        return await attacking, statuses

    answers, seen = asyncio.run(attack_and_look())
    statuses = Counter(answer[9:12].decode() for _, answer in answers)
    print(
        f"{len(answers)} requests: {sorted(statuses.items())}; memory {memory_before} KB, "
        f"then {memory_kb(web)} KB"
    )
    broken = [(request[:400], answer) for request, answer in answers if b" 50" in answer[8:12]]
    assert broken == []
    assert set(seen) == {200}
    assert shop.pid("web") == web
    with shop.log.open("rb") as log:
        log.seek(log_before)
        written = log.read().decode(errors="replace")
    assert "Traceback" not in written, written[-5_000:]
    assert "[error" not in written, written[-5_000:]
    assert memory_kb(web) - memory_before < MOST_GROWTH_KB
    assert statuses["400"] > REQUESTS / 10
    assert statuses["200"] > REQUESTS / 40
