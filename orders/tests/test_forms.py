"""What is left of a text when everything invisible is taken out."""

import pytest

from orders.checkout.forms import draft_of
from orders.forms import plain_text, typed_uuid


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Helen", "Helen"),
        ("  Helen \t\r\n Smith ", "Helen Smith"),
        ("Zoe\u0308", "Zoë"),
        ("abc\u202edef", "abcdef"),
        ("a\u200bb\u2060c\ufeffd", "abcd"),
        ("nul\x00l", "null"),
        ("\u2066\u2067", ""),
        ("☕ 한국어 עברית", "☕ 한국어 עברית"),
        ("\ud800", ""),
        ("<b>&amp;", "<b>&amp;"),
    ],
)
def test_text_is_what_can_be_seen(typed: str, kept: str) -> None:
    assert plain_text(typed) == kept


def test_only_an_id_is_an_id() -> None:
    assert typed_uuid("0f8fad5b-d9cb-469f-a165-70867728950e") is not None
    for nonsense in (None, "", "41", "order-1", "' OR 1=1 --"):
        assert typed_uuid(nonsense) is None


def test_a_draft_is_cleaned_and_bounded() -> None:
    draft = draft_of({"name": "He\u202elen", "note": "n" * 10_000, "other": "x"})
    assert draft["name"] == "Helen"
    assert len(draft["note"]) == 200
    assert "other" not in draft
