"""What customers write beside the lines of an order, as one text."""

from dataclasses import replace

import pytest

from orders.domain.cups import Cup, cups_in, written
from orders.domain.ordering import SERVICE
from orders.domain.refused import BadInput
from orders.domain.tests.specification import given
from orders.domain.tests.test_ordering import PLACE


def test_what_is_written_is_read_again() -> None:
    cups = {1: Cup("Max", "extra hot"), 3: Cup("", "no lid"), 12: Cup("Zoë")}

    assert cups_in(written(cups)) == cups
    assert written({1: Cup(), 2: Cup("", "")}) == ""


@pytest.mark.parametrize("text", ["", "forgotten", "1", "1\tMax", "x\tMax\t", "1\ta\tb\tc"])
def test_what_is_no_such_text_says_nothing(text: str) -> None:
    assert cups_in(text) == {}


@pytest.mark.parametrize("cups", ["3\tMax\t", "0\tMax\t", f"1\t{'x' * 21}\t", f"1\t\t{'x' * 61}"])
def test_a_cup_belongs_to_a_line_and_is_short(cups: str) -> None:
    given(SERVICE).when(replace(PLACE, cups=cups)).then_refused(BadInput)
