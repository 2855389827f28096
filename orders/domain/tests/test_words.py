"""English words that remember what they were put together from."""

import pickle
from copy import deepcopy

import pytest

from orders.domain.money import Amount, in_words
from orders.domain.words import Words


def test_words_are_an_english_text() -> None:
    words = Words("%(due)s to pay, at any time.", due=in_words(390, "EUR"))
    assert words == "€3.90 to pay, at any time."
    assert words.pattern == "%(due)s to pay, at any time."
    assert isinstance(words.parts["due"], Amount)


@pytest.mark.parametrize(("number", "english"), [(0, "0 cups"), (1, "1 cup"), (2, "2 cups")])
def test_a_number_decides_between_one_and_many(number: int, english: str) -> None:
    assert Words("%(number)s cup", plural="%(number)s cups", number=number) == english


def test_a_text_without_parts_may_hold_anything() -> None:
    assert Words("100 % arabica, %(not a part") == "100 % arabica, %(not a part"


def test_a_part_that_is_missing_is_a_mistake_of_the_program() -> None:
    with pytest.raises(KeyError):
        Words("%(barista)s started", orders=1)


def test_a_copy_remembers_too() -> None:
    words = Words("%(due)s to pay.", due=in_words(390, "EUR"))
    for copy in (deepcopy(words), pickle.loads(pickle.dumps(words))):  # noqa: S301 - our own
        assert copy == words
        assert copy.parts["due"] == words.parts["due"]
        assert vars(copy.parts["due"]) == {"cents": 390, "currency": "EUR"}
