"""Every fact is a sentence: who did what, with names, drinks and amounts."""

from datetime import timedelta

import pytest

from orders.domain.command import Command
from orders.domain.event import FORGOTTEN, Event, type_of
from orders.domain.events import (
    BringBackReason,
    BroughtBack,
    CoffeePrepared,
    LinePrepared,
    OrderCancelled,
    OrderPaid,
    OrderServed,
    PreparationStarted,
    SettingChosen,
    Tender,
)
from orders.domain.tests.test_catalogue import HISTORIES
from projections.engine.folded_stream import folded_step_by_step
from projections.folded_order import ORDERS
from projections.tests.at_a_screen import actor_named
from projections.tests.events_of_an_order import IN_OTHER_STREAMS
from projections.tests.in_memory_log import OPENING, InMemoryLog
from projections.tests.some_orders import HELEN, order_stream_number, ordered
from projections.views.fact_sentences import sentence_of, time_between

pytestmark = pytest.mark.django_db

STREAM = order_stream_number(1)
CUSTOMER = f"customer-{HELEN.hex}"


def sentences(*written: tuple[Event, str]) -> list[str]:
    """The sentences of these events of an order, each with who did it."""
    log = InMemoryLog()
    for event, actor in written:
        log.write(STREAM, event, actor=actor)
    facts = log.facts(STREAM)
    states = folded_step_by_step(ORDERS, facts[0].stream, facts)
    return [sentence_of(fact, state.state) for fact, state in zip(facts, states, strict=True)]


def paid(tender: Tender, given: int = 400, change: int = 0) -> OrderPaid:
    return OrderPaid(payment="p", amount=400, tender=tender, given=given, change=change)


@pytest.mark.parametrize(("history", "command"), HISTORIES)
def test_every_published_fact_is_a_sentence(history: list[Event], command: Command) -> None:
    service = command.service
    for event in service.decide(service.fold(history), command):
        log = InMemoryLog()
        log.write(STREAM, *history, event, actor="staff-1")
        facts = log.facts(STREAM)
        is_of_an_order = type_of(event).name not in IN_OTHER_STREAMS
        states = folded_step_by_step(ORDERS, facts[0].stream, facts) if is_of_an_order else []
        sentence = sentence_of(facts[-1], *[state.state for state in states[-1:]])

        assert sentence.endswith("."), type_of(event).name
        assert "None" not in sentence


def test_an_order_is_told_by_names_drinks_and_amounts() -> None:
    bao, casey = actor_named("Bao"), actor_named("Casey")

    assert sentences(
        (ordered(41, items=2), CUSTOMER),
        (PreparationStarted(barista=bao), bao),
        (LinePrepared(line=2), bao),
        (CoffeePrepared(desk=1), bao),
        (paid(Tender.CASH, 500, 100), casey),
        (OrderServed(), casey),
    ) == [
        "Helen ordered 1 × Espresso, 2 × Latte, for €12.00: order 041.",
        "Bao took it.",
        "Bao made 2 × Latte.",
        "Bao called it ready at serving desk 1.",
        "Casey took €4.00 in cash, €5.00 given and €1.00 back.",
        "Casey handed it over.",
    ]


def test_what_goes_wrong_is_told_with_its_reason() -> None:
    casey = actor_named("Casey")

    assert sentences(
        (ordered(41), casey),
        (BroughtBack(reason=BringBackReason.SPILLED, lines=(1,)), casey),
        (BroughtBack(reason=BringBackReason.MISBUMP, lines=()), casey),
        (paid(Tender.CARD), "reactor"),
        (OrderCancelled(reason="no more milk.", by_shop=True), casey),
    )[1:] == [
        "Casey had 1 × Espresso made again: spilled.",
        "Casey brought it back: it was called ready by mistake.",
        "€4.00 was paid by card.",
        "Casey cancelled the order because: no more milk.",
    ]


def test_who_is_forgotten_has_no_name() -> None:
    assert sentences((ordered(41, name=FORGOTTEN), CUSTOMER))[0].startswith("The customer ordered")
    assert FORGOTTEN not in sentences((ordered(41, name=FORGOTTEN), actor_named("Casey")))[0]


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("opening_hours", "", "Ada chose nothing for “Opening hours”."),
        ("promise_minutes", "5", "Ada chose 5 for “Minutes that an order is promised at least”."),
        ("of_another_program", "5", "Ada chose 5 for “of another program”."),
    ],
)
def test_a_choice_is_told_as_the_page_of_the_settings_calls_it(
    setting: str, value: str, sentence: str
) -> None:
    log = InMemoryLog()
    log.write("shop-main", SettingChosen(setting=setting, value=value), actor=actor_named("Ada"))

    assert sentence_of(log.facts()[-1]) == sentence


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, ""),
        (0.9, ""),
        (1, "1 s"),
        (60, "1 min"),
        (200, "3 min 20 s"),
        (7_384, "2 h 3 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_the_time_between_is_read_at_a_glance(seconds: float, words: str) -> None:
    assert time_between(OPENING, OPENING + timedelta(seconds=seconds)) == words
