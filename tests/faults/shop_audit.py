"""The whole audit of a running shop, after whatever was done to it: A1 to A12.

A9 and A10 (what a screen showed meanwhile) belong to the checks that hold a screen open.
"""

import re
from collections import defaultdict
from collections.abc import Sequence

from tests.faults.answer_audit import answers_are_wrong
from tests.faults.audit import audit
from tests.faults.money_audit import unsettled
from tests.faults.order_journal import journal_of, read_journal
from tests.faults.read_model_audit import read_models_are_wrong
from tests.faults.recorded import Recorded, read_log
from tests.faults.terminal_audit import read_terminal, terminal_is_wrong
from tests.shop import Shop

SETTLED_SECONDS = 60.0
TRACEBACK = "Traceback (most recent call last)"
EXPECTED = "cannot listen to the channel layer"
"""What is logged with a traceback each time Redis is away."""

SECRETS = re.compile(r"/o/[0-9a-f]{32}\.[A-Za-z0-9_-]{20}|password=|card_token=")
"""What may never stand in a log: the link of an order, a password, a card."""


def open_intentions(log: Sequence[Recorded]) -> list[str]:
    """The payments and refunds of all orders that have no outcome yet."""
    orders: dict[str, list[Recorded]] = defaultdict(list)
    for event in log:
        if event.order:
            orders[event.order].append(event)
    return [said for events in orders.values() for said in unsettled(events)]


def shop_is_wrong(shop: Shop) -> list[str]:
    """Everything that is wrong with a shop that runs and has come to rest."""
    wrong = []
    try:
        shop.wait_until(lambda: not open_intentions(read_log(shop.eventstore_uri)), SETTLED_SECONDS)
    except TimeoutError:
        wrong.append("Payments that were started have no outcome.")
    log = read_log(shop.eventstore_uri)
    journal = read_journal(journal_of(shop))
    wrong += audit(log)
    wrong += answers_are_wrong(log, journal)
    wrong += read_models_are_wrong(shop, log)
    if not wrong:
        wrong += terminal_is_wrong(log, read_terminal(shop.var))
    return wrong + words_are_wrong(shop)


def words_are_wrong(shop: Shop) -> list[str]:
    """What the shop's own log of words may not say."""
    words = shop.log.read_text(errors="replace")
    unexpected = words.count(TRACEBACK) - words.count(EXPECTED)
    wrong = [f"The shop's log has {unexpected} tracebacks."] if unexpected > 0 else []
    secret = SECRETS.search(words)
    return wrong + ([f"The shop's log has a secret: {secret[0][:12]}…"] if secret else [])
