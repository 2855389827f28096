"""How the shop wants things to be: each setting with what it may be. Chosen, and kept as facts.

What a machine needs to start (addresses, keys, limits of requests) is no setting of the shop: that
stands in the environment.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from orders.domain.command import Command, Service
from orders.domain.event import Event, Owner
from orders.domain.events import SettingChosen
from orders.domain.limits import whole_number
from orders.domain.opening_hours import hours_in
from orders.domain.refused import BadInput, Refused, UnknownCommand

Value = bool | int | str | tuple[str, ...]

MOST_WORDS = 50
LONGEST_WORD = 40


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One of them. `usual` says what kind it is; a number has a `least` and a `most`.

    A text is one of the `choices`: each as it is kept, and as it is shown. Each of several words
    must be one that `read` can read, if there is one; it raises `BadInput`.
    """

    title: str
    explained: str
    usual: Value
    least: int = 0
    most: int = 0
    choices: tuple[tuple[str, str], ...] = ()
    read: Callable[[str], object] | None = None


SETTINGS: Mapping[str, Setting] = {
    "one_tap": Setting(
        title="One tap makes a single drink ready",
        explained="An order of one line is taken and made ready with the same tap.",
        usual=False,
    ),
    "promise_minutes": Setting(
        title="Minutes that an order is promised at least",
        explained="However calm the bar is; more when more is to be made.",
        usual=4,
        least=1,
        most=60,
    ),
    "opening_hours": Setting(
        title="Opening hours",
        explained="Separated by commas, like: mon-fri 07:00-19:00, sat 09:00-17:00, 2026-12-25 "
        "closed. A date is stronger than a day; what is not named is closed. Empty: orders are "
        "taken at any time.",
        usual=(),
        read=hours_in,
    ),
    "last_order_minutes": Setting(
        title="Last order, minutes before closing",
        explained="From then on, orders from the web are taken for the next time only.",
        usual=10,
        least=0,
        most=120,
    ),
    "slot_work_minutes": Setting(
        title="Minutes of work in five minutes",
        explained="What can be ordered for the same time of pick-up; more is shown as full.",
        usual=5,
        least=1,
        most=60,
    ),
    "most_work_minutes": Setting(
        title="Minutes of work that are made at once",
        explained="A larger order from the web has to be ordered for later.",
        usual=10,
        least=1,
        most=240,
    ),
    "make_when_paid": Setting(
        title="Orders from the web are made when they are paid",
        explained="Else they are made at once, and paid at any time before they are handed over.",
        usual=False,
    ),
    "amber_percent": Setting(
        title="Soon, in percent of the promise",
        explained="From here on a card asks for attention.",
        usual=75,
        least=10,
        most=99,
    ),
    "most_rushed": Setting(
        title="Orders in a rush at one time",
        explained="Where everything goes first, nothing does.",
        usual=2,
        least=0,
        most=20,
    ),
    "most_changes": Setting(
        title="Changes to one drink",
        explained="Extras and exchanges together; more than that is talked about at the bar.",
        usual=8,
        least=1,
        most=40,
    ),
    "allergens": Setting(
        title="Allergies to choose from",
        explained="What customers can say they must not have; separated by commas.",
        usual=("milk", "nuts", "gluten", "soy", "egg", "sesame"),
    ),
    "board_language": Setting(
        title="Language of the board",
        explained="The pages of customers speak what each of them prefers.",
        usual="en",
        choices=(("en", "English"), ("de", "Deutsch"), ("ar", "العربية")),
    ),
    "words_kept_off": Setting(
        title="Words that do not go on the board",
        explained="A name with one of them in it shows as a number only; separated by commas.",
        usual=("fuck", "shit", "cunt", "nazi", "hitler", "arsch", "fotze", "scheisse", "scheiße"),
    ),
}


def value_of(setting: str, text: str) -> Value:
    """The value that a text means. Raises `BadInput` for one that the setting cannot have."""
    known = SETTINGS.get(setting)
    if known is None:
        raise BadInput("The shop has no such setting.")
    if isinstance(known.usual, bool):
        if text not in ("yes", "no"):
            raise BadInput(f"{known.title}: yes or no.")
        return text == "yes"
    if isinstance(known.usual, tuple):
        return _words_in(known, text)
    if isinstance(known.usual, str):
        return _text_in(known, text)
    number = whole_number(text, digits=4)
    if number is None or not known.least <= number <= known.most:
        raise BadInput(f"{known.title}: {known.least} to {known.most}.")
    return number


def _words_in(known: Setting, text: str) -> tuple[str, ...]:
    typed = text.replace("\n", ",").split(",")
    words = tuple(dict.fromkeys(word.strip().lower() for word in typed if word.strip()))
    if len(words) > MOST_WORDS or any(len(word) > LONGEST_WORD for word in words):
        raise BadInput(f"{known.title}: at most {MOST_WORDS}, of {LONGEST_WORD} characters.")
    if known.read is not None:
        for word in words:
            known.read(word)
    return words


def _text_in(known: Setting, text: str) -> str:
    if text not in dict(known.choices):
        raise BadInput(f"{known.title}: {', '.join(dict(known.choices))}.")
    return text


def text_of(value: Value) -> str:
    """A value as the text that means it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(value)
    return str(value)


class ChosenElsewhere(Refused):
    """Somebody else chose meanwhile: `value`, as text."""

    code = "chosen_elsewhere"

    def __init__(self, value: str) -> None:
        now = value or "nothing"
        super().__init__(f"Somebody else chose meanwhile: {now}. Choose again to have it your way.")
        self.value = value


@dataclass(frozen=True, kw_only=True)
class ChooseSetting(Command):
    """Have something be so from now on.

    `seen` is what was chosen as whoever chooses saw it; None: they replace whatever it is.
    """

    setting: str
    value: str
    seen: str | None = None

    @property
    def service(self) -> "Service[Chosen]":
        """The service in this module."""
        return SERVICE


class Chosen(NamedTuple):
    """What was chosen, as texts."""

    settings: Mapping[str, str] = {}


def evolve(chosen: Chosen, event: Event) -> Chosen:
    """What is chosen after this fact."""
    if isinstance(event, SettingChosen):
        return Chosen({**chosen.settings, event.setting: event.value})
    return chosen


def decide(chosen: Chosen, command: Command) -> Sequence[Event]:
    """The facts that follow from the command. Raises `BadInput` or `ChosenElsewhere`."""
    match command:
        case ChooseSetting(setting=setting, value=value, seen=seen):
            text = text_of(value_of(setting, value))
            before = chosen.settings.get(setting, text_of(SETTINGS[setting].usual))
            if text == before:
                return []
            if seen not in (None, before):
                raise ChosenElsewhere(before)
            return [SettingChosen(setting=setting, value=text)]
    raise UnknownCommand


SERVICE: Service[Chosen] = Service(Owner.ORDERING, Chosen(), evolve, decide)
