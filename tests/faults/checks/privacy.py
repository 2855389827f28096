"""What is forgotten is gone: looked for in the bytes of all files while the shop runs."""

import time
import uuid
from pathlib import Path

from tests.faults.check import Check, Figure, Progress
from tests.shop import Shop
from tests.visitor import Visitor

GONE_SECONDS = 60.0


def forget_me(shop: Shop, count: int, progress: Progress) -> Figure:
    """Register, order and be forgotten; then look for the name in every file of the shop."""
    names = []
    for number in range(count):
        name = f"Zaphod{uuid.uuid4().hex[:12]}"
        with Visitor(shop) as customer:
            form = customer.open("/register/").form(ending="/register/")
            assert customer.submit(form, {"name": name}).status_code == 303
            customer.order(name=name)
            customer.client.get(f"/inspect/?q={name}&done={name}", follow_redirects=True)
            login = customer.open("/staff/login/").form(ending="/staff/login/")
            customer.submit(login, {"username": name, "password": "a guess of mine"})
            forget = customer.open("/me/").form(ending="/forget/")
            assert customer.submit(forget, {"sure": "yes"}).status_code == 303
        names.append(name)
        progress(0.5 * (number + 1))
    began = time.monotonic()
    found = _files_with(shop.var, names)
    while found and time.monotonic() - began < GONE_SECONDS:
        time.sleep(2)
        found = _files_with(shop.var, names)
        progress(count * (0.5 + 0.5 * (time.monotonic() - began) / GONE_SECONDS))
    seconds = time.monotonic() - began
    if found:
        return Figure(f"after {seconds:.0f} s still in {', '.join(sorted(found))}", held=False)
    return Figure(f"{count} names in no file after {seconds:.0f} s", held=True)


def _files_with(var: Path, names: list[str]) -> set[str]:
    wanted = [name.encode() for name in names]
    found = set()
    for file in var.rglob("*"):
        if not file.is_file():
            continue
        content = file.read_bytes()
        if any(name in content for name in wanted):
            found.add(str(file.relative_to(var)))
    return found


PRIVACY = [
    Check(
        name="forget-me",
        goal="the name is in no byte of any file within a minute",
        run=forget_me,
        full=10,
        needs_own_shop=True,
        environment={"LOG_FORMAT": "json"},
    ),
]
