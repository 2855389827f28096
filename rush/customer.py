"""A simulated customer without JavaScript: menu, basket, order form, and second thoughts.

Knows only what a person sees who opens the shop's first page.
"""

import asyncio
import random
from dataclasses import dataclass

from rush.browser import Answer, Browser, NoAnswer, Street
from rush.ledger import AcknowledgedOrder, Ledger, Step
from rush.page import Element, Form, NoSuchForm

NAMES = ("Helen", "Max", "Zoë", "Kim", "Anaïs", "Ravi", "Łukasz", "Noor", "Ida", "O’Neill", "")
NOTES = ("", "", "", "extra hot", "no lid, please", 'a "quiet" corner & a spoon')
PAID_ONLINE = 0.45
CANCELS = 0.06
PARTICULAR = 0.3
TRIES_ANOTHER_CARD = 0.5
CARDS = (
    ("demo-approve", 0.82),
    ("demo-decline", 0.12),
    ("demo-timeout", 0.04),
    ("demo-lost", 0.02),
)


@dataclass(frozen=True)
class Placed:
    """An order and the browser that may still look at it."""

    order: AcknowledgedOrder
    browser: Browser


class Customer:
    """Comes in once, orders, and perhaps thinks again."""

    def __init__(self, street: Street, ledger: Ledger, chance: random.Random) -> None:
        self._browser = Browser(street)
        self._ledger = ledger
        self._chance = chance

    async def visit(self) -> Placed | None:
        """The whole visit; None if the shop did not take an order."""
        try:
            answer, command_id, tender = await self._order()
        except NoAnswer:
            self._ledger.unanswered["order"] += 1
            return None
        except NoSuchForm as missing:
            self._ledger.puzzle(str(missing))
            return None
        if answer.status == 303 and "/o/" in answer.location:
            tracking = answer.location.partition("?")[0]
            order = AcknowledgedOrder(
                order=tracking.rstrip("/").rpartition("/")[2].partition(".")[0],
                tracking=tracking,
                command_id=command_id,
                tender=tender,
                clicked=answer.clicked,
                answered=answer.answered,
            )
            self._ledger.placed(order)
            await self._afterwards(order, answer.location)
            return Placed(order, self._browser)
        if answer.status in {200, 409, 422}:
            self._ledger.refuse("order", str(answer.status))
        else:
            self._ledger.puzzle(f"The order form was answered {answer.status}.")
        return None

    async def _order(self) -> tuple[Answer, str, str]:
        """Choose, fill the basket, send the order form."""
        menu = await self._browser.open("/")
        for path in self._chance.choices(_items(menu.page), k=self._chance.choice((1, 1, 2, 3))):
            await self._choose(path)
        basket = (await self._browser.open("/basket/")).page
        form = basket.form(ending="/orders/")
        answers = {
            "name": self._chance.choice(NAMES),
            "note": self._chance.choice(NOTES),
            "pay": "counter",
        }
        tender = "counter"
        if self._chance.random() < PAID_ONLINE:
            tender = self._card()
            answers |= {"pay": "card", "card_token": tender}
        answer = await self._browser.submit(form, answers)
        return answer, form.value("command_id"), tender

    async def _choose(self, path: str) -> None:
        page = (await self._browser.open(path)).page
        form = page.form(ending="/basket/")
        answers: dict[str, str | list[str]] = {}
        for choice in form.choices:
            if choice.several:
                answers[choice.name] = [
                    value for value in choice.values if self._chance.random() < 0.2
                ]
            elif choice.values and self._chance.random() < PARTICULAR:
                answers[choice.name] = self._chance.choice(choice.values)
        added = await self._browser.submit(form, answers)
        if added.status != 303:
            self._ledger.refuse("basket", str(added.status))

    async def _afterwards(self, order: AcknowledgedOrder, location: str) -> None:
        """Look at the tracking page; cancel, or try another card."""
        try:
            page = (await self._browser.open(location)).page
            if self._chance.random() < CANCELS:
                await self._cancel(order, page.form(ending="/cancel/"))
            elif order.tender == "demo-decline" and self._chance.random() < TRIES_ANOTHER_CARD:
                await self._pay_again(order)
        except NoAnswer:
            self._ledger.unanswered["tracking"] += 1
        except NoSuchForm:
            self._ledger.refuse("second thoughts", "no button")

    async def _cancel(self, order: AcknowledgedOrder, form: Form) -> None:
        try:
            answer = await self._browser.submit(form, {})
        except NoAnswer:
            self._ledger.doubt(Step.CANCELLED, order.order)
            return
        if answer.status == 303:
            self._ledger.did(Step.CANCELLED, order.order, "customer")
        else:
            self._ledger.refuse("cancel", str(answer.status))

    async def _pay_again(self, order: AcknowledgedOrder) -> None:
        """Wait for the bad news, then take another card."""
        for _ in range(20):
            page = (await self._browser.open(order.tracking)).page
            forms = [form for form in page.forms() if form.action.endswith("/pay/")]
            if forms:
                await self._browser.submit(forms[0], {"card_token": "demo-approve"})
                return
            await asyncio.sleep(0.5)

    def _card(self) -> str:
        tokens = [token for token, _ in CARDS]
        return self._chance.choices(tokens, [weight for _, weight in CARDS])[0]


def _items(menu: Element) -> list[str]:
    """Where the menu leads to, sold-out items excepted: they have no link to order them."""
    paths = {link.attributes.get("href", "") for link in menu.find_all("a")}
    items = sorted(path for path in paths if path.startswith("/menu/"))
    if not items:
        raise NoSuchForm("The menu offers nothing.")
    return items
