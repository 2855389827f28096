"""A simulated customer without JavaScript: menu, basket, order form, and second thoughts.

Knows only what a person sees who opens the shop's first page.
"""

import asyncio
import random
import time
from urllib.parse import parse_qs, urlsplit

import httpx

from rush.client import Browser, NoResponse, Session
from rush.habits import (
    ARRIVES,
    CUSTOMERS,
    LANGUAGES,
    MUST_NOT_HAVE,
    NAMES_THE_CUP,
    PICK_UPS,
    Habit,
    chosen,
)
from rush.journal import AcknowledgedOrder, Journal
from rush.page import Element, Form, NoSuchForm
from rush.second_thoughts import offers
from rush.staff import Team

NAMES = ("Helen", "Max", "Zoë", "Kim", "Anaïs", "Ravi", "Łukasz", "Noor", "Ida", "O’Neill", "")
NOTES = ("", "", "", "extra hot", "no lid, please", 'a "quiet" corner & a spoon')
CUP_NOTES = ("", "", "half full", "with cinnamon")
PAID_ONLINE = 0.45
PARTICULAR = 0.3
TRIES_ANOTHER_CARD = 0.5
LOOKS = 120
"""How often somebody looks at their page for what they wait for."""

CARDS = {"demo-approve": 0.82, "demo-decline": 0.12, "demo-timeout": 0.04, "demo-lost": 0.02}


class Customer:
    """Comes in once, orders, and perhaps thinks again."""

    def __init__(self, session: Session, team: Team, chance: random.Random) -> None:
        language = chance.choices(list(LANGUAGES), list(LANGUAGES.values()))[0]
        self.browser = Browser(session, language)
        self.journal: Journal = team.journal
        self._team = team
        self._chance = chance

    async def visit(self, *, same_again: bool = False) -> AcknowledgedOrder | None:
        """The whole visit; None if the shop did not take an order."""
        try:
            return await (self._same_again() if same_again else self._order())
        except NoResponse:
            self.journal.unanswered["order"] += 1
        except NoSuchForm as missing:
            self.journal.unexpected(str(missing))
        return None

    async def _same_again(self) -> AcknowledgedOrder | None:
        """What this browser ordered the last time, with two presses."""
        menu = await self.browser.open("/")
        usual = [form for form in menu.forms() if form.path.endswith("/basket/usual/")]
        if not usual:
            return None
        await self.browser.submit(usual[0], {})
        order = await self._send_the_basket()
        if order is not None:
            self.journal.plays("order my usual")
        return order

    async def _order(self) -> AcknowledgedOrder | None:
        """Choose, fill the basket, send the order form."""
        menu = await self.browser.open("/")
        for path in self._chance.choices(_items(menu), k=self._chance.choice((1, 1, 2, 3))):
            await self._choose(path)
        return await self._send_the_basket()

    async def _send_the_basket(self) -> AcknowledgedOrder | None:
        basket = await self.browser.open("/basket/")
        if not basket.find_all(id="basket-lines"):
            self.journal.refuse("order", "nothing of it is to be had")
            return None
        form = basket.form(ending="/orders/")
        values: dict[str, str | list[str]] = {
            "name": self._chance.choice(NAMES),
            "note": self._chance.choice(NOTES),
            "pay": "counter",
        }
        tender = "counter"
        allergens = [c.values for c in form.choices if c.name == "allergies"]
        if allergens and self._chance.random() < MUST_NOT_HAVE:
            values["allergies"] = [self._chance.choice(allergens[0])]
            self.journal.plays("name an allergy")
        pick_up = self._pick_up(form)
        values |= {"pick_up": pick_up} if pick_up else {}
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
                pick_up=pick_up,
            )
            self.journal.placed(order)
            if self.browser.language:
                self.journal.plays(f"order in the language {self.browser.language}")
            return order
        if response.status_code in {200, 409, 422}:
            self.journal.refuse("order", response.status_code)
        else:
            self.journal.unexpected(f"The order form was answered {response.status_code}.")
        return None

    def _pick_up(self, form: Form) -> str:
        """When it is wanted, as the form calls it; "" for as soon as possible."""
        offered = {
            value for choice in form.choices if choice.name == "pick_up" for value in choice.values
        }
        dice = self._chance.random()
        for pick_up, share in PICK_UPS.items():
            dice -= share
            if dice < 0 and pick_up in offered:
                self.journal.plays(f"order for pick-up: {pick_up}")
                return pick_up
        return ""

    async def _choose(self, path: str) -> None:
        form = (await self.browser.open(path)).form(ending="/basket/")
        values: dict[str, str | list[str]] = {}
        for choice in form.choices:
            if choice.several:
                values[choice.name] = [
                    value for value in choice.values if self._chance.random() < 0.2
                ]
            elif choice.values and (not choice.chosen or self._chance.random() < PARTICULAR):
                values[choice.name] = self._chance.choice(choice.values)
        if self._chance.random() < NAMES_THE_CUP:
            values |= {"cup": self._chance.choice(NAMES), "note": self._chance.choice(CUP_NOTES)}
            self.journal.plays("write on a cup whose it is")
        added = await self.browser.submit(form, values)
        if added.status_code != 303:
            self.journal.refuse("basket", added.status_code)

    async def afterwards(self, order: AcknowledgedOrder) -> None:
        """Try another card, or do what some people do, as soon as the order's page offers it."""
        try:
            if order.tender == "demo-decline" and self._chance.random() < TRIES_ANOTHER_CARD:
                await self._pay_again(order)
            if order.pick_up == ARRIVES.when:
                await self._follow(order, ARRIVES)
            if order.pick_up == "slot":
                self._team.held[order.order] = time.monotonic()
            habit = chosen(CUSTOMERS, self._chance)
            if habit is not None:
                await self._follow(order, habit)
        except NoResponse:
            self.journal.unanswered["tracking"] += 1

    async def _follow(self, order: AcknowledgedOrder, habit: Habit) -> None:
        for _ in range(LOOKS):
            page = await self.browser.open(order.tracking)
            if page.find_all(id="tracking", data_over="yes"):
                return
            if offers(page, habit.when):
                async with self._team.at_work():
                    self.journal.plays(habit.name)
                    await habit.act(self, order)
                return
            await asyncio.sleep(max(0.5, self._team.pace / 2))

    async def press_on_page(
        self, order: AcknowledgedOrder, action: str, step: str
    ) -> httpx.Response | None:
        """Press what the order's page offers; None if it was refused or got no response."""
        try:
            form = (await self.browser.open(order.tracking)).form(ending=f"/{action}/")
            response = await self.browser.submit(form, {})
        except NoResponse:
            self.journal.doubt(step, order.order)
            return None
        except NoSuchForm:
            self.journal.refuse(action, "no button")
            return None
        if response.status_code != 303:
            self.journal.refuse(action, response.status_code)
            return None
        self.journal.did(step, order.order, "customer", position_in(response))
        return response

    async def _pay_again(self, order: AcknowledgedOrder) -> None:
        """Wait for the bad news, then take another card."""
        for _ in range(20):
            page = await self.browser.open(order.tracking)
            forms = [form for form in page.forms() if form.path.endswith("/pay/")]
            if forms:
                async with self._team.at_work():
                    await self.browser.submit(forms[0], {"card_token": "demo-approve"})
                return
            await asyncio.sleep(0.5)


def position_in(response: httpx.Response) -> int:
    """Where in the log the fact of a redirect stands, as its address says; 0 if it does not."""
    query = parse_qs(urlsplit(response.headers.get("Location", "")).query)
    after = query.get("after", ["0"])[0]
    return int(after) if after.isdecimal() else 0


def _items(menu: Element) -> list[str]:
    """Where the menu leads to, sold-out items excepted: they have no link to order them."""
    paths = {link.attributes.get("href", "") for link in menu.find_all("a")}
    items = sorted(path for path in paths if path.startswith("/menu/"))
    if not items:
        raise NoSuchForm("The menu offers nothing.")
    return items
