"""Words and money in the language of the request, and which language that is."""

import pytest
from django.test import RequestFactory
from django.utils.translation import override

from orders.domain.money import in_words
from orders.domain.words import Words
from orders.languages import language_of, listed, money, translated
from orders.shop_state import shop_now

ISOLATED = "\u2068{}\u2069"


@pytest.mark.parametrize(
    ("language", "cents", "currency", "words"),
    [
        ("en", 390, "EUR", "€3.90"),
        ("en", -5, "GBP", "-£0.05"),
        ("de", 390, "EUR", "3,90\u00a0€"),
        ("de", -123_456, "CHF", "-1234,56\u00a0CHF"),
        ("de", 390, "SEK", "3,90\u00a0SEK"),
        ("ar", 390, "EUR", "\u200f3.90\u00a0€"),
        ("ar", -390, "USD", "\u200f\u200e-3.90\u00a0$"),
    ],
)
def test_each_language_writes_money_in_its_own_way(
    language: str, cents: int, currency: str, words: str
) -> None:
    with override(language):
        assert money(cents, currency) == words


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "+€0.60"), ("de", "+0,60\u00a0€"), ("ar", "\u200f\u200e+0.60\u00a0€")],
)
def test_a_surcharge_has_its_plus_before_the_number(language: str, words: str) -> None:
    with override(language):
        assert money(60, "EUR", plus="+") == words


def test_the_domains_words_are_said_with_their_parts() -> None:
    words = Words("Ready – please pay %(due)s.", due=in_words(390, "EUR"))
    assert translated(words) == "Ready – please pay €3.90."
    with override("de"):
        assert translated(words) == "Fertig – bitte 3,90\u00a0€ bezahlen."


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (1, "في قائمة الانتظار – طلب واحد قبلك."),
        (2, "في قائمة الانتظار – طلبان قبلك."),
        (3, "في قائمة الانتظار – 3 طلبات قبلك."),
        (11, "في قائمة الانتظار – 11 طلبًا قبلك."),
        (100, "في قائمة الانتظار – 100 طلب قبلك."),
    ],
)
def test_arabic_has_a_form_for_each_kind_of_number(before: int, words: str) -> None:
    sentence = "In the queue – %(number)s before yours."
    with override("ar"):
        assert translated(Words(sentence, plural=sentence, number=before)) == words


def test_what_people_wrote_stays_and_does_not_turn_the_words_around_it() -> None:
    words = Words("%(barista)s is making it.", barista="Ana")
    with override("de"):
        assert translated(words) == "Ana bereitet es gerade zu."
    with override("ar"):
        assert ISOLATED.format("Ana") in translated(words)


def test_what_the_owner_calls_things_is_translated_where_it_is_known() -> None:
    with override("de"):
        assert translated("Oat milk") == "Haferdrink"
        assert translated("Grandma's Cake") == "Grandma's Cake"
        assert translated(Words("%(what)s is sold out.", what=Words("Oat milk"))) == (
            "Haferdrink ist ausverkauft."
        )
        assert translated("") == ""  # never the header of the catalogue
        assert listed(["nuts", "milk"]) == "Nüsse, Milch"
    with override("ar"):
        assert listed(["nuts", "milk"]) == "مكسرات، حليب"


def test_a_pattern_in_what_people_wrote_is_no_pattern() -> None:
    with override("de"):
        assert translated("100 %(due)s") == "100 %(due)s"


@pytest.mark.parametrize(
    ("path", "accepted", "language"),
    [
        ("/", "de-AT,de;q=0.9,en;q=0.5", "de"),
        ("/", "ar-EG", "ar"),
        ("/", "fr,ar;q=0.5", "ar"),
        ("/", "fr", "en"),
        ("/", "", "en"),
        ("/api/orders/", "de", "de"),
        ("/bar/", "de", "en"),
        ("/till/new/", "ar", "en"),
        ("/manage/", "ar", "en"),
        ("/staff/login/", "de", "en"),
        ("/board/", "de", "en"),
        ("/board/?lang=ar", "de", "ar"),
        ("/board/wait/?lang=ar", "de", "ar"),
        ("/board/?lang=xx", "de", "en"),
    ],
)
def test_who_is_answered_in_which_language(path: str, accepted: str, language: str) -> None:
    request = RequestFactory().get(path, headers={"Accept-Language": accepted})
    assert language_of(request, shop_now) == language


def test_what_was_chosen_here_goes_before_what_the_browser_prefers() -> None:
    request = RequestFactory().get("/", headers={"Accept-Language": "de"})
    request.COOKIES["language"] = "ar"
    assert language_of(request, shop_now) == "ar"
