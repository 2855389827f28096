"""A simulated customer without JavaScript: menu, basket, order form, and second thoughts.

Knows only what a person sees who opens the shop's first page.
"""

import asyncio
import random
import time

from rush.client import Browser, NoResponse, Session
from rush.journal import AcknowledgedOrder, Journal, Step
from rush.page import Element, Form, NoSuchForm

NAMES = ("Helen", "Max", "Zoë", "Kim", "Anaïs", "Ravi", "Łukasz", "Noor", "Ida", "O’Neill", "")
NOTES = ("", "", "", "extra hot", "no lid, please", 'a "quiet" corner & a spoon')
PAID_ONLINE = 0.45
CANCELS = 0.06
PARTICULAR = 0.3
TRIES_ANOTHER_CARD = 0.5
CARDS = {"demo-approve": 0.82, "demo-decline": 0.12, "demo-timeout": 0.04, "demo-lost": 0.02}


class Customer:
    """Comes in once, orders, and perhaps thinks again."""

    def __init__(self, session: Session, journal: Journal, chance: random.Random) -> None:
        self.browser = Browser(session)
        self._journal = journal
        self._chance = chance

    async def visit(self) -> AcknowledgedOrder | None:
        """The whole visit; None if the shop did not take an order."""
        try:
            return await self._order()
        except NoResponse:
            self._journal.unanswered["order"] += 1
        except NoSuchForm as missing:
            self._journal.unexpected(str(missing))
        return None

    async def _order(self) -> AcknowledgedOrder | None:
        """Choose, fill the basket, send the order form."""
        menu = await self.browser.open("/")
        for path in self._chance.choices(_items(menu), k=self._chance.choice((1, 1, 2, 3))):
            await self._choose(path)
        form = (await self.browser.open("/basket/")).form(ending="/orders/")
        values = {
            "name": self._chance.choice(NAMES),
            "note": self._chance.choice(NOTES),
            "pay": "counter",
        }
        tender = "counter"
        if self._chance.random() < PAID_ONLINE:
            tender = self._chance.choices(list(CARDS), list(CARDS.values()))[0]
            values |= {"pay": "card", "card_token": tender}
        clicked = time.monotonic()
        response = await self.browser.submit(form, values)
        location = response.headers.get("Location", "")
        if response.status_code == 303 and "/o/" in location:
            tracking = location.partition("?")[0]
            order = AcknowledgedOrder(
                order=tracking.rstrip("/").rpartition("/")[2].partition(".")[0],
                tracking=tracking,
                command_id=form.value("command_id"),
                tender=tender,
                clicked=clicked,
                responded=time.monotonic(),
            )
            self._journal.placed(order)
            await self._afterwards(order, location)
            return order
        if response.status_code in {200, 409, 422}:
            self._journal.refuse("order", response.status_code)
        else:
            self._journal.unexpected(f"The order form was answered {response.status_code}.")
        return None

    async def _choose(self, path: str) -> None:
        form = (await self.browser.open(path)).form(ending="/basket/")
        values: dict[str, str | list[str]] = {}
        for choice in form.choices:
            if choice.several:
                values[choice.name] = [
                    value for value in choice.values if self._chance.random() < 0.2
                ]
            elif choice.values and self._chance.random() < PARTICULAR:
                values[choice.name] = self._chance.choice(choice.values)
        added = await self.browser.submit(form, values)
        if added.status_code != 303:
            self._journal.refuse("basket", added.status_code)

    async def _afterwards(self, order: AcknowledgedOrder, location: str) -> None:
        """Look at the tracking page; cancel, or try another card."""
        try:
            page = await self.browser.open(location)
            if self._chance.random() < CANCELS:
                await self._cancel(order, page.form(ending="/cancel/"))
            elif order.tender == "demo-decline" and self._chance.random() < TRIES_ANOTHER_CARD:
                await self._pay_again(order)
        except NoResponse:
            self._journal.unanswered["tracking"] += 1
        except NoSuchForm:
            self._journal.refuse("second thoughts", "no button")

    async def _cancel(self, order: AcknowledgedOrder, form: Form) -> None:
        try:
            response = await self.browser.submit(form, {})
        except NoResponse:
            self._journal.doubt(Step.CANCELLED, order.order)
            return
        if response.status_code == 303:
            self._journal.did(Step.CANCELLED, order.order, "customer")
        else:
            self._journal.refuse("cancel", response.status_code)

    async def _pay_again(self, order: AcknowledgedOrder) -> None:
        """Wait for the bad news, then take another card."""
        for _ in range(20):
            page = await self.browser.open(order.tracking)
            forms = [form for form in page.forms() if form.path.endswith("/pay/")]
            if forms:
                await self.browser.submit(forms[0], {"card_token": "demo-approve"})
                return
            await asyncio.sleep(0.5)


def _items(menu: Element) -> list[str]:
    """Where the menu leads to, sold-out items excepted: they have no link to order them."""
    paths = {link.attributes.get("href", "") for link in menu.find_all("a")}
    items = sorted(path for path in paths if path.startswith("/menu/"))
    if not items:
        raise NoSuchForm("The menu offers nothing.")
    return items
