"""The catalogues are whole, correct, and compiled: nobody reads half a page in English."""

import gettext
import io
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from barstucks_site.catalogues import Catalogue, Message, compiled, read_po, written_po
from barstucks_site.used_messages import NotAMessage, in_python, used_messages

FOLDER = Path(settings.LOCALE_PATHS[0])
OTHERS = [code for code, _ in settings.LANGUAGES if code != "en"]
PLACES = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}|<[^>]*>")
"""What a translation must have as its English has it: parts, places for a script, markup."""


def file(language: str, suffix: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / f"django.{suffix}"


def catalogue(language: str) -> Catalogue:
    return read_po(file(language, "po").read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", OTHERS)
def test_every_message_is_translated(language: str) -> None:
    written = catalogue(language)
    used = used_messages()
    assert [message.english for message in used if written.lacks(message)] == []
    assert set(written.translations) == set(used), "run: manage.py translations"


@pytest.mark.parametrize("language", OTHERS)
def test_every_plural_has_as_many_forms_as_the_language(language: str) -> None:
    written = catalogue(language)
    for message, texts in written.translations.items():
        assert len(texts) == (written.plural_forms if message.plural else 1), message


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_parts_and_the_markup_of_its_english(language: str) -> None:
    for message, texts in catalogue(language).translations.items():
        wanted = sorted(PLACES.findall(message.plural or message.english))
        for text in texts:
            found = sorted(PLACES.findall(text))
            if message.plural:  # "two orders" may be one word, without the number
                assert set(found) <= set(wanted), text
                assert {*wanted} - {*found} <= {"%(number)s"}, text
            else:
                assert found == wanted, text


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    assert file(language, "mo").read_bytes() == compiled(catalogue(language))
    with file(language, "mo").open("rb") as mo:
        known = gettext.GNUTranslations(mo)
    for message, (text, *_) in catalogue(language).translations.items():
        if not message.plural:
            assert known.gettext(message.english) == text


def test_what_is_written_reads_as_the_same() -> None:
    two = Message("%(number)s cup", "%(number)s cups")
    quoted = Message('Say "cup"\\\nnow')
    header = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n"
    whole = Catalogue(
        header, {two: ("%(number)s Tasse", "%(number)s Tassen"), quoted: ("„Tasse“",)}
    )
    text = written_po(whole, {two: ["b.py", "a.py"], quoted: ["a.py"]})
    assert read_po(text) == whole
    assert "#: a.py\n#: b.py\n" in text
    known = gettext.GNUTranslations(io.BytesIO(compiled(whole)))
    assert known.ngettext(*two, 3) == "%(number)s Tassen"


def test_a_message_that_nobody_uses_any_more_is_left_out_and_a_new_one_comes_in() -> None:
    old, new = Message("Old"), Message("New")
    whole = Catalogue("Language: de\n", {old: ("Alt",)})
    written = read_po(written_po(whole, {new: ["a.py"]}))
    assert list(written.translations) == [new]
    assert written.lacks(new)


@pytest.mark.parametrize(
    "source",
    [
        'BadInput(f"Please give a name of at most {LONGEST} characters.")',
        'gettext(f"{item} is sold out")',
        'Words(f"{due} to pay")',
    ],
)
def test_a_text_that_is_put_together_before_it_is_looked_up_is_found(source: str) -> None:
    with pytest.raises(NotAMessage):
        list(in_python(source))


def test_what_a_refusal_says_is_a_message() -> None:
    source = 'class Late(Refused):\n    words: ClassVar[str] = "Too late."\n\nraise BadInput("No.")'
    assert set(in_python(source)) == {Message("Too late."), Message("No.")}


def test_the_command_finds_nothing_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.read_bytes() for path in FOLDER.rglob("*.*o")}
    call_command("translations")
    assert capsys.readouterr().out.count(" 0 to translate") == len(OTHERS)
    assert {path: path.read_bytes() for path in FOLDER.rglob("*.*o")} == before
