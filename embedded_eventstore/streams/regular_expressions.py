"""Regular expressions of clients: searched for as .NET does, in bounded time.

``re`` backtracks: some expressions take it longer than the universe has, with the interpreter lock
held, so that neither a thread nor a timeout helps. Those whose number of choices is small are left
to it; all others are walked here through all choices at once, as a set of places. Both give the
same, for a filter only asks whether there is a match, not which.
"""

import re
import warnings
from collections.abc import Callable
from re import _compiler, _constants, _parser  # type: ignore[attr-defined]
from typing import Any

MAX_LENGTH = 64 * 1024
"""Characters of an expression."""
MAX_CLASSES = 64
"""Compiling ``[…]`` can take milliseconds."""
_FEW_CHOICES = 100_000
_SHORT_NAME = 200
_MAX_STEPS = 50_000
"""Some milliseconds per name."""

_Places = int
"""A set of places in a name: bit n stands for the place before its n-th character."""
_Walk = Callable[["_Name", _Places], _Places]

_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]?|\(\?(?:<(?![=!])|P|[aLu])|\{,|[+*?}]\+", re.S)
_TRANSLATED = {"(?<": "(?P<", r"\Z": r"(?=\n?\Z)", r"\z": r"\Z"}


class UnusableExpressionError(ValueError):
    """The expression cannot be used; the message says why."""


class Expression:
    """A compiled expression. Raises UnusableExpressionError."""

    def __init__(self, expression: str) -> None:
        if len(expression) > MAX_LENGTH:
            raise UnusableExpressionError(f"A filter may be {MAX_LENGTH} characters long.")
        translated = _TOKEN.sub(_from_dotnet, expression)
        if sum(token[0].startswith("[") for token in _TOKEN.finditer(expression)) > MAX_CLASSES:
            raise UnusableExpressionError(f"A filter may have {MAX_CLASSES} character classes.")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self._tree = _parser.parse(translated)
                self._pattern = re.compile(translated)
                self.is_cheap = _is_cheap(self._tree, _SHORT_NAME)
                self._walk = None if self.is_cheap else _walk(self._tree, self._pattern.flags)
        except (re.error, RecursionError, OverflowError) as error:
            raise UnusableExpressionError(f"The filter cannot be used: {error}.") from error

    def is_found_in(self, name: str) -> bool:
        """Raises UnusableExpressionError when it takes too long."""
        is_short = len(name) <= _SHORT_NAME
        if self.is_cheap and (is_short or _is_cheap(self._tree, len(name))):
            return self._pattern.search(name) is not None
        walk = self._walk = self._walk or _walk(self._tree, self._pattern.flags)
        walked = _Name(name)
        return walk(walked, walked.everywhere) != 0


def _from_dotnet(token: re.Match[str]) -> str:
    """.NET writes some things differently; what means something else to it is refused."""
    text = token[0]
    if text[0] == "[" and "-[" in re.sub(r"\\.", "", text, flags=re.S):
        raise UnusableExpressionError("This server knows no subtraction of character classes.")
    if text in ("(?P", "(?a", "(?L", "(?u", "{,") or (len(text) == 2 and text[1] == "+"):
        raise UnusableExpressionError(f"Not an expression of .NET: {text}.")
    return _TRANSLATED.get(text, text)


def _is_cheap(tree: Any, length: int) -> bool:
    """Whether ``re`` has few choices in any name of up to ``length`` characters."""
    beginnings = (_constants.AT_BEGINNING, _constants.AT_BEGINNING_STRING)
    is_anchored = len(tree) > 0 and tree[0][1] in beginnings
    return _choices(tree, length) * (1 if is_anchored else length) <= _FEW_CHOICES


def _choices(tree: Any, length: int) -> float:
    """How many ways at most ``re`` may try from one place in a name."""
    product = 1.0
    for kind, value in tree:
        match str(kind):
            case "BRANCH":
                product *= sum(_choices(branch, length) for branch in value[1])
            case "SUBPATTERN":
                product *= _choices(value[3], length)
            case "ATOMIC_GROUP":
                product *= _choices(value, length)
            case "ASSERT" | "ASSERT_NOT":
                product *= _choices(value[1], length)
            case "MAX_REPEAT" | "MIN_REPEAT":
                least, most, repeated = value
                each = _choices(repeated, length)
                if most > 1 and each > 1:
                    return float("inf")
                product *= max(1, min(most, length) - least + 1) * each
            case "GROUPREF_EXISTS":
                return float("inf")
    return product


class _Name:
    """A name that is being walked, and the steps taken so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.everywhere: _Places = (1 << len(text) + 1) - 1
        self._steps = 0
        self._places: dict[re.Pattern[str], _Places] = {}

    def places_of(self, atom: re.Pattern[str]) -> _Places:
        """Where one character, or a boundary, matches."""
        self.step()
        places = self._places.get(atom)
        if places is None:
            self.step(len(self.text))
            marks = (1 << at for at in range(len(self.text) + 1) if atom.match(self.text, at))
            places = self._places[atom] = sum(marks)
        return places

    def step(self, count: int = 1) -> None:
        self._steps += count + (len(self.text) >> 10)
        if self._steps > _MAX_STEPS:
            raise UnusableExpressionError("The filter takes too long; write it more simply.")


def _walk(tree: Any, flags: int) -> _Walk:
    """From a set of places to all those where ``tree`` may end."""
    walks = [_walk_of(kind, value, tree, flags) for kind, value in tree]

    def one_after_another(name: _Name, places: _Places) -> _Places:
        for walk in walks:
            if not places:
                break
            places = walk(name, places)
        return places

    return one_after_another


def _walk_of(kind: Any, value: Any, tree: Any, flags: int) -> _Walk:
    match str(kind):
        case "LITERAL" | "NOT_LITERAL" | "ANY" | "IN":
            atom = _atom(kind, value, tree, flags)
            return lambda name, places: (places & name.places_of(atom)) << 1
        case "AT":
            boundary = _atom(kind, value, tree, flags)
            return lambda name, places: places & name.places_of(boundary)
        case "SUBPATTERN":
            _, added, removed, inner = value
            return _walk(inner, (flags | added) & ~removed)
        case "BRANCH":
            return _either([_walk(branch, flags) for branch in value[1]])
        case "MAX_REPEAT" | "MIN_REPEAT":
            least, most, repeated = value
            return _repeated(_walk(repeated, flags), least, most)
        case "ASSERT" | "ASSERT_NOT":
            direction, inner = value
            ahead = direction > 0
            seen = _ahead(_walk(inner, flags)) if ahead else _behind(_walk(inner, flags), inner)
            if str(kind) == "ASSERT":
                return seen
            return lambda name, places: places & ~seen(name, places)
    raise UnusableExpressionError("The filter may take too long; write it without back references.")


def _atom(kind: Any, value: Any, tree: Any, flags: int) -> re.Pattern[str]:
    single = _parser.SubPattern(tree.state, [(kind, value)])
    compiled: re.Pattern[str] = _compiler.compile(single, flags)
    return compiled


def _either(walks: list[_Walk]) -> _Walk:
    def either(name: _Name, places: _Places) -> _Places:
        reached = 0
        for walk in walks:
            reached |= walk(name, places)
        return reached

    return either


def _repeated(once: _Walk, least: int, most: int) -> _Walk:
    def repeated(name: _Name, places: _Places) -> _Places:
        for _ in range(least):
            name.step()
            before, places = places, once(name, places)
            if places == before:
                break
        reached = new = places
        for _ in range(most - least):
            if not new:
                break
            name.step()
            new = once(name, new) & ~reached
            reached |= new
        return reached

    return repeated


def _ahead(walk: _Walk) -> _Walk:
    def ahead(name: _Name, places: _Places) -> _Places:
        seen = 0
        while places:
            name.step()
            place = places & -places
            places ^= place
            if walk(name, place):
                seen |= place
        return seen

    return ahead


def _behind(walk: _Walk, tree: Any) -> _Walk:
    """A look-behind has one width."""
    width = tree.getwidth()[0]
    return lambda name, places: places & walk(name, places >> width)
