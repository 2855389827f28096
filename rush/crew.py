"""Brings the simulated staff to work: who works under whose name, logged in, at which page."""

import random

from rush.barista import Barista
from rush.browser import Street
from rush.cashier import Cashier
from rush.ledger import Ledger
from rush.shift import Shift
from rush.staff_entrance import Login, let_in, those_who


class Crew:
    """Makes baristas and cashiers who share one shift and one ledger."""

    def __init__(self, street: Street, ledger: Ledger, shift: Shift, chance: random.Random) -> None:
        self._street = street
        self._ledger = ledger
        self._shift = shift
        self._chance = chance

    async def baristas(self, logins: list[Login], hands: int) -> list[Barista]:
        """So many baristas, spread over the accounts there are; raises `NobodyToWork`."""
        accounts = those_who("barista", logins)
        together: dict[str, set[str]] = {login.username: set() for login in accounts}
        found = []
        for number in range(hands):
            login = accounts[number % len(accounts)]
            browser = await let_in(self._street, login, "/bar/")
            taken_here = together[login.username]
            found.append(Barista(browser, self._ledger, self._luck(), self._shift, taken_here))
        return found

    async def cashiers(self, logins: list[Login], hands: int) -> list[Cashier]:
        """So many cashiers, who see what the others have in hand; raises `NobodyToWork`."""
        accounts = those_who("cashier", logins)
        in_hand: set[str] = set()
        found = []
        for number in range(hands):
            browser = await let_in(self._street, accounts[number % len(accounts)], "/till/")
            found.append(Cashier(browser, self._ledger, self._luck(), self._shift, in_hand))
        return found

    def _luck(self) -> random.Random:
        return random.Random(self._chance.random())  # noqa: S311
