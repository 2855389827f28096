"""Regular expressions are answered as ``re`` answers them, only always in time."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embedded_eventstore.streams.regular_expressions import Expression, UnusableExpressionError

ATOMS = ["a", "b", ".", "[ab]", "[^a]", r"\w", "^", "$", r"\b", "(?<=a)", "(?<!ab)", "(?i:A)"]
WRAPPED = ["(?:{})*", "(?:{})+?", "(?:{})?", "(?:{}){{1,3}}", "(?={})", "(?!{})", "({})"]
expressions = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda two: f"(?:{two[0]}|{two[1]})"),
        st.tuples(st.sampled_from(WRAPPED), inner).map(lambda two: two[0].format(two[1])),
    ),
    max_leaves=7,
)


@settings(max_examples=300, deadline=None)
@given(expressions, st.lists(st.text("abAc \n", max_size=8), min_size=4, max_size=4))
def test_walking_through_all_choices_at_once_finds_what_backtracking_finds(
    expression: str, names: list[str]
) -> None:
    walking = Expression(expression)
    walking.is_cheap = False
    for name in names:
        assert walking.is_found_in(name) == (re.search(expression, name) is not None), name


@pytest.mark.parametrize(
    ("expression", "name", "found"),
    [
        ("(a+)+$", "a" * 100 + "b", False),
        ("(a|a)*b", "a" * 100, False),
        ("(?:a|aa)+c", "a" * 100 + "c", True),
        ("(.*a){25}", "a" * 30, True),
        ("a?" * 40 + "a" * 40, "a" * 40, True),
        ("(x+x+)+y", "x" * 1000, False),
        ("^(?!(a+)+$)", "a" * 100, False),
    ],
)
def test_what_backtracking_would_never_finish_is_answered(
    expression: str, name: str, found: bool
) -> None:
    assert Expression(expression).is_found_in(name) is found


def test_what_takes_too_long_all_the_same_is_refused() -> None:
    with pytest.raises(UnusableExpressionError, match="too long"):
        Expression("(?:(?:(?:a|b)*c)*d)*e").is_found_in("abcd" * 20_000)


@pytest.mark.parametrize(
    ("expression", "name", "found"),
    [
        ("(?<drink>Coffee|Tea)Ordered", "TeaOrdered", True),
        (r"\\(?<x>a)", "\\a", True),
        (r"a\Z", "a\n", True),
        (r"a\z", "a\n", False),
        (r"a\z", "a", True),
        ("[a[b]", "[", True),
        (r"[\]\-[]", "[", True),
        ("a{2,}", "aa", True),
    ],
)
def test_expressions_mean_what_they_mean_to_dotnet(expression: str, name: str, found: bool) -> None:
    assert Expression(expression).is_found_in(name) is found


@pytest.mark.parametrize(
    "expression",
    [
        r"\p{L}",
        "[a-z-[aeiou]]",
        "(?<open-close>a)",
        r"(?<x>a)\k<x>",
        "(?P<x>a)",
        "(?P=x)",
        "a++",
        "a{2}+",
        "x{,5}",
        "(?a)b",
        r"\Ga",
        "(",
        "(?<=a+)b",
        "a{99999999999}",
        "(?:" * 3000 + ")" * 3000,
        "[a-z]" * 100,
        r"(\w+)+\1\1\1",
    ],
)
def test_what_would_mean_something_else_here_is_refused(expression: str) -> None:
    with pytest.raises(UnusableExpressionError):
        Expression(expression)


@pytest.mark.parametrize("expression", ["^order-.*$", "^order-.*|^a$", "^(?!(b.*$))", "r-x+"])
def test_names_of_any_length_are_looked_at(expression: str) -> None:
    assert Expression(expression).is_found_in("order-" + "x" * 2000)
