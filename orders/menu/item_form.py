"""Choosing one thing from the menu: the questions its page asks, and what was answered.

Between the menu and the basket. Answers are checked against the menu, never believed; what it
costs is calculated when the basket is shown or ordered.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from orders.checkout.basket import MOST_OF_ONE
from orders.menu.card import Choice, ChoiceGroup, Item

SIZE = "size"
ONE = "one-"
MANY = "many-"


@dataclass(frozen=True)
class FieldError:
    """What is wrong with the form; `field` is the id of the field, "" for the whole."""

    field: str
    sentence: str


@dataclass(frozen=True)
class Answer:
    """One of the answers of which exactly one is chosen. `price` in cents."""

    slug: str
    title: str
    hint: str
    price: int
    chosen: bool


@dataclass(frozen=True)
class Step:
    """So many of one extra; `price` in cents for all of them."""

    count: int
    price: int
    chosen: bool


@dataclass(frozen=True)
class Extra:
    """Something of which a drink takes none or several. `price` in cents for one."""

    name: str
    title: str
    price: int
    steps: tuple[Step, ...]
    allergens: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """One fieldset of the page: either answers or extras that are counted."""

    name: str
    title: str
    error: str
    answers: tuple[Answer, ...] = ()
    counts: tuple[Extra, ...] = ()


@dataclass(frozen=True)
class Chosen:
    """What the form says. Usable only without problems."""

    size: str
    options: tuple[tuple[str, int], ...]  # option slug and how often; usual answers are left out
    quantity: int
    problems: tuple[FieldError, ...]


def choose(item: Item, form: Mapping[str, str]) -> Chosen:
    """Read a form about this item: unknown sizes, options and amounts are problems."""
    problems: list[FieldError] = []
    size = form.get(SIZE, "")
    if size and size not in {one.slug for one in item.sizes}:
        problems.append(FieldError(SIZE, f"{item.name}: please choose a size."))
    options: list[tuple[str, int]] = []
    for group in item.groups:
        read = _one if group.takes_one else _many
        options.extend(read(group, form, problems))
    known = {field for group in item.groups for field in _fields(group)}
    if any(name.startswith((ONE, MANY)) and name not in known for name in form):
        problems.append(FieldError("", f"{item.name} does not come with everything you chose."))
    quantity = _whole(form.get("quantity", "1"))
    if quantity is None or not 1 <= quantity <= MOST_OF_ONE:
        problems.append(FieldError("quantity", f"How many: 1 to {MOST_OF_ONE}, please."))
        quantity = 1
    return Chosen(size, tuple(options), quantity, tuple(problems))


def questions(
    item: Item,
    currency_hint: Mapping[int, str],
    form: Mapping[str, str],
    problems: Mapping[str, str],
) -> list[Question]:
    """The fieldsets of the item's page, with what `form` already answers.

    `currency_hint` says a price in words; `problems` is the sentence by field.
    """
    asked = []
    if len(item.sizes) > 1:
        sizes = tuple(
            Answer(
                one.slug,
                one.name,
                currency_hint[one.price],
                one.price,
                form[SIZE] == one.slug if SIZE in form else one.is_default,
            )
            for one in item.sizes
        )
        asked.append(Question(SIZE, "Size", problems.get(SIZE, ""), answers=sizes))
    for group in item.groups:
        name = ONE + group.slug
        if group.takes_one:
            answers = tuple(
                Answer(
                    one.slug,
                    one.name,
                    _hint(one, currency_hint),
                    one.price,
                    form[name] == one.slug if name in form else one.is_default,
                )
                for one in group.choices
            )
            asked.append(Question(name, group.name, problems.get(name, ""), answers=answers))
        else:
            error = next((problems[f] for f in _fields(group) if f in problems), "")
            counts = tuple(
                Extra(
                    MANY + one.slug,
                    one.name,
                    one.price,
                    _steps(one.price, one.most, said),
                    one.allergens,
                )
                for one in group.choices
                for said in [_whole(form.get(MANY + one.slug, "0"))]
            )
            asked.append(Question(f"many-{group.slug}", group.name, error, counts=counts))
    return asked


def _hint(choice: Choice, currency_hint: Mapping[int, str]) -> str:
    """What an answer costs more, and what somebody may not stand: "+€0.60 · nuts"."""
    more = [f"+{currency_hint[choice.price]}"] if choice.price else []
    said = choice.name.casefold()
    return " · ".join([*more, *(one for one in choice.allergens if one.casefold() not in said)])


def _steps(price: int, most: int, said: int | None) -> tuple[Step, ...]:
    return tuple(Step(count, price * count, count == (said or 0)) for count in range(most + 1))


def _fields(group: ChoiceGroup) -> list[str]:
    if group.takes_one:
        return [ONE + group.slug]
    return [MANY + choice.slug for choice in group.choices]


def _one(
    group: ChoiceGroup, form: Mapping[str, str], problems: list[FieldError]
) -> list[tuple[str, int]]:
    said = form.get(ONE + group.slug, "")
    if not said:
        return []
    for choice in group.choices:
        if choice.slug == said:
            return [] if choice.is_default else [(said, 1)]
    problems.append(FieldError(ONE + group.slug, f"{group.name}: please choose one of these."))
    return []


def _many(
    group: ChoiceGroup, form: Mapping[str, str], problems: list[FieldError]
) -> list[tuple[str, int]]:
    found = []
    for choice in group.choices:
        count = _whole(form.get(MANY + choice.slug, "0"))
        if count is None or not 0 <= count <= choice.most:
            problems.append(FieldError(MANY + choice.slug, f"{choice.name}: 0 to {choice.most}."))
        elif count:
            found.append((choice.slug, count))
    return found


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None
