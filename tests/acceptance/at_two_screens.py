"""Several people at screens of their own, what each may press, and how soon the others see it.

What stands here knows addresses and ids of screens; which press is seen how, the tests' tables say.
"""

import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import httpx

from rush.cards import cards_by_order
from rush.report import Spread
from tests.live_view import LiveView
from tests.shop import Shop
from tests.visitor import PlacedOrder, Visitor, placed_order

STAFF = {"bao": "/bar/", "casey": "/till/", "ada": "/bar/"}
VIEWS = {
    "bar": ("ada", "barista-queue"),
    "other bar": ("bao", "barista-queue"),
    "till": ("ada", "cashier-desk"),
    "other till": ("casey", "cashier-desk"),
    "board": ("max", "board"),
    "news": ("max", "shop-news"),
}
"""The open screens: who looks at which view. "news" is what every open menu listens to."""

SAME = (("bar", "other bar"), ("till", "other till"))
WITHIN_SECONDS = 1.0
"""What the shop promises for 99 of 100: `docs/performance.md`. Printed here, not demanded."""

Send = Callable[[], httpx.Response]


@dataclass
class Counter:
    """The people, their open screens, and how long each screen took to show each press."""

    shop: Shop
    people: Mapping[str, Visitor]
    views: Mapping[str, LiveView]
    seconds: list[float] = field(default_factory=list)

    def order(self, **more: object) -> PlacedOrder:
        """One espresso of a customer, through the interface for programs: one request."""
        response = self.send_order("espresso", **more)()
        assert response.status_code == 201, response.text
        return placed_order(response)

    def send_order(self, item: str, **more: object) -> Send:
        """The request for it, to be sent at any moment."""
        wanted = {"command_id": str(uuid.uuid4()), "name": "Helen", "items": [{"item": item}]}
        client = self.people["helen"].client
        return lambda: client.post("/api/orders/", json=wanted | more)

    def sweep(self) -> None:
        """End whatever is still open: full screens leave out what a test looks for."""
        self.take_in()
        cards = (cards_by_order(self.views[name].state) for name in ("bar", "till", "board"))
        for order in {order for on_screen in cards for order in on_screen}:
            self.end(order)

    def end(self, order: str) -> None:
        """Call an order off, whatever became of it; what is over already stays as it is."""
        for who, path, fields in (
            ("casey", "till/{}/cancel", {"reason": "the test is over"}),
            ("bao", "bar/{}/stop", {"disposition": "wasted"}),
            ("casey", "till/{}/give-back", {"reason": "the test is over"}),
            ("casey", "till/{}/refund", {"reason": "the test is over"}),
        ):
            self.people[who].press(f"/{path.format(order)}/", **fields)

    def take_in(self) -> None:
        """Let every screen take in what has come, so that no socket is full."""
        for view in self.views.values():
            view.drain(0.01)

    @contextmanager
    def an_order(self, **more: object) -> Iterator[PlacedOrder]:
        """An order that is over at the end."""
        placed = self.order(**more)
        yield placed
        self.end(placed.order)

    @contextmanager
    def tracking(self, placed: PlacedOrder) -> Iterator[LiveView]:
        """The open page of the order's customer."""
        token = placed.tracking.rstrip("/").rpartition("/")[2]
        with LiveView(self.people["helen"], f"order/{token}") as view:
            yield view

    def wait_until_known(self, response: httpx.Response) -> None:
        """Until the bar's and the till's pages show what this press wrote."""
        position = response.json()["position"] if "json" in response.headers["Content-Type"] else 0
        for page in ("/bar/", "/till/"):
            self.people["ada"].open(f"{page}?after={position}")

    def assert_equal_screens(self) -> None:
        """Both screens of a view come to show the same, and what somebody sees who comes in."""
        for names in SAME:
            who, view = VIEWS[names[0]]
            with LiveView(self.people[who], view) as fresh:
                fresh.drain(0.05)
                for name in names:
                    self.views[name].until(
                        lambda open_one: not open_one.state.differences(fresh.state),
                        f"{name} to be like one opened now",
                    )

    @property
    def spread(self) -> Spread:
        """How long the screens took, from the finger to the screen."""
        return Spread.of(self.seconds)


@contextmanager
def open_counter(shop: Shop) -> Iterator[Counter]:
    """The staff logged in, every screen open."""
    with ExitStack() as opened:
        people = {name: opened.enter_context(Visitor(shop)) for name in ("helen", "max", *STAFF)}
        for name, page in STAFF.items():
            people[name].log_in(name, shop.logins[name], page)
        views = {
            name: opened.enter_context(LiveView(people[who], view))
            for name, (who, view) in VIEWS.items()
        }
        counter = Counter(shop, people, views)
        counter.sweep()
        yield counter


@dataclass(frozen=True)
class Press:
    """What somebody presses about one order. `prepared` gives the request, to be sent later."""

    who: str
    name: str
    fields: Mapping[str, str]
    prepared: Callable[[Counter, PlacedOrder], Send]

    def __str__(self) -> str:
        return " ".join([self.name, *self.fields.values()])

    def __call__(self, counter: Counter, placed: PlacedOrder) -> httpx.Response:
        """Press it now."""
        return self.prepared(counter, placed)()


def bar(action: str, who: str = "bao", **fields: str) -> Press:
    """A button of the bar."""
    return _button("bar", action, who, fields)


def till(action: str, who: str = "casey", **fields: str) -> Press:
    """A button of the till."""
    return _button("till", action, who, fields)


def _button(screen: str, action: str, who: str, fields: Mapping[str, str]) -> Press:
    def prepared(counter: Counter, placed: PlacedOrder) -> Send:
        path = f"/{screen}/{placed.order}/{action}/"
        return lambda: counter.people[who].press(path, **fields)

    return Press(who, f"{screen}/{action}", fields, prepared)


def customer(action: str, **fields: str) -> Press:
    """A button of the order's own page."""

    def prepared(counter: Counter, placed: PlacedOrder) -> Send:
        helen = counter.people["helen"]
        form = helen.open(placed.tracking).form(ending=f"/{action}/")
        filled = [*form.filled(fields)]
        return lambda: helen.post(form.action, filled, Accept="application/json")

    return Press("helen", f"o/{action}", fields, prepared)


def change(**fields: str) -> Press:
    """The customer changes the order: its note, for example."""

    def prepared(counter: Counter, placed: PlacedOrder) -> Send:
        helen, path = counter.people["helen"], f"{placed.tracking}change/"
        forms = helen.open(f"{path}?start=1").forms()
        filled = next(form for form in forms if form.value("seen_total")).filled(fields)
        return lambda: helen.post(path, filled, Accept="application/json")

    return Press("helen", "o/change", fields, prepared)


def shop_wide(path: str, who: str, **fields: str) -> Press:
    """A button about the shop as a whole."""

    def prepared(counter: Counter, _placed: PlacedOrder) -> Send:
        return lambda: counter.people[who].press(f"/{path}/", **fields)

    return Press(who, path, fields, prepared)


def do(counter: Counter, placed: PlacedOrder, presses: Sequence[Press]) -> None:
    """Press these one after another; each must be carried out."""
    for press in presses:
        response = press(counter, placed)
        assert response.status_code < 400, f"{press.name}: {response.text}"


def at_the_same_moment(*acts: Send) -> list[httpx.Response]:
    """Do these on threads of their own, started together; the responses in the same order."""
    responses: dict[int, httpx.Response] = {}
    start = threading.Barrier(len(acts))

    def do(number: int) -> None:
        start.wait()
        responses[number] = acts[number]()

    threads = [threading.Thread(target=do, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [responses[number] for number in range(len(acts))]


# --- what a screen shows of an order -------------------------------------------------------------


@dataclass(frozen=True)
class Look:
    """What is to be seen on a view; `right` gets the view and the order."""

    words: str
    right: Callable[[LiveView, PlacedOrder], bool]


def says(words: str) -> Look:
    """The order's card, or its page, says so."""
    return Look(f"says {words!r}", lambda view, placed: words in _text(view, placed))


def says_no(words: str) -> Look:
    """The card is there and does not say so."""
    return Look(
        f"does not say {words!r}",
        lambda view, placed: bool(text := _text(view, placed)) and words not in text,
    )


def offers(action: str) -> Look:
    """The card has a form for it."""
    return Look(f"offers {action}", lambda view, placed: _offers(view, placed, action))


def offers_no(action: str) -> Look:
    """The card is there and has no form for it."""
    return Look(
        f"does not offer {action}",
        lambda view, placed: (
            view.card(placed.order) is not None and not _offers(view, placed, action)
        ),
    )


def stands_in(slot: str) -> Look:
    """In this part of the screen."""

    def right(view: LiveView, placed: PlacedOrder) -> bool:
        card = view.card(placed.order)
        return card is not None and card.fragment.slot == slot

    return Look(f"in {slot}", right)


GONE = Look("gone", lambda view, placed: view.card(placed.order) is None)


def _offers(view: LiveView, placed: PlacedOrder, action: str) -> bool:
    card = view.card(placed.order)
    return card is not None and card.offers(action)


def _text(view: LiveView, placed: PlacedOrder) -> str:
    page = view.state.fragments.get("tracking")
    if page is not None:
        return page.element.text
    card = view.card(placed.order)
    return "" if card is None else card.fragment.element.text


def wait_for(view: LiveView, placed: PlacedOrder, look: Look) -> None:
    """Listen until the view shows it (15 s); fails with what the card says instead."""
    try:
        view.until(lambda shown: look.right(shown, placed), f"{placed.order}: {look.words}")
    except AssertionError as missed:
        missed.add_note(f"{view.name} {view.state.seq}, its card: {view.card(placed.order)}")
        raise


def wait_for_the_opposite(view: LiveView, placed: PlacedOrder, look: Look) -> None:
    """Listen until the view does not show it (15 s): so that it is news when it does."""
    view.until(lambda shown: not look.right(shown, placed), f"{placed.order}: not {look.words}")
