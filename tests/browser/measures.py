"""The size and the place of what a screen shows."""

from typing import Any

from playwright.sync_api import Locator

BOX = """(each) => {
  const { x, y, width, height } = each.getBoundingClientRect();
  return { x, y, width, height };
}"""


def measured(element: Locator, script: str) -> Any:
    """Return what a script says of an element.

    A live screen may replace an element after it was found and before it is measured: what is no
    longer in the page has no size, so its successor is measured.
    """
    for _ in range(20):
        is_shown, found = element.evaluate(f"(each) => [each.isConnected, ({script})(each)]")
        if is_shown:
            return found
    raise AssertionError(f"{element} is replaced again and again")


def size_of(element: Locator) -> float:
    """The size of its type, in pixels."""
    return float(measured(element, "(each) => parseFloat(getComputedStyle(each).fontSize)"))


def box(element: Locator) -> dict[str, float]:
    """Where an element is, in pixels."""
    found: dict[str, float] = measured(element, BOX)
    return found
