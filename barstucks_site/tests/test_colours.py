"""Everybody can read what is on the screens: the contrast of the colours used together, measured.

By the formula of WCAG 2.x: text 4.5 to 1 and more, edges and marks 3 to 1.
"""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).resolve().parents[2] / "static" / "css"
TEXT = 4.5
MARK = 3.0

Colours = dict[str, str]

SURFACES = ("paper", "card", "sunk")
WHITE = "#ffffff"
NAMING = re.compile(r"--[\w-]+:\s*#[0-9a-f]{6};")

TEXTS = [
    *((words, surface) for words in ("ink", "muted") for surface in SURFACES),
    *((words, surface) for words in ("ok", "amber", "red") for surface in SURFACES),
    *((words, surface) for words in ("brand", "without", "extra") for surface in ("paper", "card")),
    ("brand-strong", "brand-soft"),
    ("ink", "brand-soft"),
    ("muted", "brand-soft"),
    ("on-brand", "brand"),
    ("on-brand", "brand-strong"),
    *(("ink", soft) for soft in ("ok-soft", "amber-soft", "red-soft")),
    ("ok", "ok-soft"),
    ("muted", "amber-soft"),
    ("red", "red-soft"),
    ("on-bright", "due-soon"),
    ("on-bright", "allergy"),
    ("paper", "ink"),
    *((WHITE, state) for state in ("fresh", "late", "ready", "held", "recalled")),
]
"""Words, and what they stand on."""

MARKS = [
    *(
        (mark, surface)
        for mark in ("border", "focus", "soon-edge", "late-edge", "alive", "ok", "brand")
        for surface in SURFACES
    ),
    ("series", "card"),
    ("fresh", "card"),
    ("history", "paper"),
]
"""Edges, dots and bars that say something, and what they stand on."""


def block(text: str, beginning: str) -> Colours:
    """The colours that one rule of the stylesheet sets."""
    inside = text[text.index(beginning) :]
    inside = inside[inside.index("{") + 1 : inside.index("}")]
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", inside))


def themes() -> dict[str, Colours]:
    """The colours of both themes, by name."""
    text = (CSS / "tokens.css").read_text()
    light = block(text, ":root {")
    return {
        "light": light,
        "dark": light | block(text, ':root[data-theme="dark"] {'),
        "dark by the system": light | block(text, ':root:not([data-theme="light"]) {'),
    }


def luminance(colour: str) -> float:
    """How bright a colour is, from 0 (black) to 1 (white)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Of two colours: 1 if they are the same, 21 for black and white."""
    darker, brighter = sorted((luminance(one), luminance(other)))
    return (brighter + 0.05) / (darker + 0.05)


def too_weak(colours: Colours, pairs: list[tuple[str, str]], least: float) -> list[str]:
    """The pairs that cannot be told apart well enough."""
    found = []
    for front, back in pairs:
        ratio = contrast(colours.get(front, front), colours[back])
        if ratio < least:
            found.append(f"{front} on {back}: {ratio:.2f}")
    return found


@pytest.mark.parametrize("theme", ["light", "dark", "dark by the system"])
def test_every_word_can_be_read_and_every_mark_be_seen(theme: str) -> None:
    colours = themes()[theme]

    assert too_weak(colours, TEXTS, TEXT) == []
    assert too_weak(colours, MARKS, MARK) == []


def test_dark_is_the_same_by_choice_and_by_the_system() -> None:
    found = themes()

    assert found["dark"] == found["dark by the system"]
    assert found["dark"] != found["light"]


def test_a_bright_colour_is_an_edge_or_a_word_in_no_stylesheet() -> None:
    """`due-soon` is to stand on: on white paper nobody sees a line or a word of it."""
    used_as = re.compile(r"[;{]\s*((?:border|outline)[\w-]*|color):[^;}]*var\(--due-soon\)")
    filled = re.compile(r"background(?:-color)?:\s*var\(--due-soon\)")
    found = [
        f"{sheet.name}: {rule.strip()}"
        for sheet in CSS.glob("*.css")
        for rule in re.findall(r"[^{}]+\{[^{}]*\}", sheet.read_text())
        if used_as.search(rule) and not filled.search(rule)
    ]
    assert found == []


def test_a_colour_has_a_name_everywhere_but_in_the_list_of_colours() -> None:
    """Else a theme would forget it. Black, white and the past's stripes are the same in both."""
    same_in_both = {"#ffffff", "#000000", "#14110f", "#6a45b0", "#5b3a9b"}
    found = {
        f"{sheet.name}: {colour}"
        for sheet in CSS.glob("*.css")
        if sheet.name != "tokens.css"
        for colour in re.findall(r"#[0-9a-fA-F]{3,8}\b", NAMING.sub("", sheet.read_text()))
        if colour not in same_in_both and not re.fullmatch(r"#[0-9]{3}", colour)
    }
    assert found == set()
