"""The article: ordered, paid while it is made, ready, served. Every screen follows."""

from tests.faults.recorded import read_log
from tests.live_view import LiveView
from tests.shop import Shop
from tests.visitor import PlacedOrder, Visitor


def test_an_order_comes_to_every_open_screen_by_itself(
    helen: Visitor, bao: Visitor, casey: Visitor
) -> None:
    with (
        LiveView(bao, "barista-queue") as bar,
        LiveView(casey, "cashier-desk") as till,
        LiveView(helen, "board") as board,
    ):
        placed = helen.order(name="Helen")
        assert "Helen" in bar.wait_for(placed, "take").fragment.element.text
        till.wait_for(placed, "cash")
        assert board.wait_for(placed).fragment.slot == "making"
        # By a push, which is drawn for whoever looks, and not by a new snapshot.
        assert [(view.state.snapshots, view.state.gaps) for view in (bar, till, board)] == [
            (1, 0)
        ] * 3
    assert "queue" in helen.said(placed)


def test_the_customer_pays_while_the_coffee_is_made(
    helen: Visitor, bao: Visitor, casey: Visitor
) -> None:
    with (
        LiveView(bao, "barista-queue") as bar,
        LiveView(casey, "cashier-desk") as till,
        LiveView(helen, "board") as board,
    ):
        placed = helen.order(name="Helen")
        with tracking_of(helen, placed) as tracking:
            bar.wait_for(placed, "take")
            assert bao.press(f"/bar/{placed.order}/take/").status_code < 300
            tick = bar.wait_for(placed, "tick").form("tick")
            assert tick is not None
            wait_for_words(tracking, "is making it")

            till.wait_for_text(placed, "Making · pay any time")
            till.wait_for(placed, "cash")
            paid = casey.press(f"/till/{placed.order}/cash/", given="50.00")
            assert paid.status_code < 300, paid.text
            line = tick.value("line")
            assert bao.press(f"/bar/{placed.order}/tick/", line=line).status_code < 300
            bar.until(lambda view: not offers(view, placed, "tick"), "everything ticked")
            assert bao.press(f"/bar/{placed.order}/ready/").status_code < 300

            till.wait_for(placed, "serve")
            board.until(lambda view: slot_of(view, placed) == "ready", "ready on the board")
            wait_for_words(tracking, "Ready at")
            assert casey.press(f"/till/{placed.order}/serve/").status_code < 300
            board.wait_until_gone(placed)
            till.wait_until_gone(placed)
            wait_for_words(tracking, "Enjoy")
    page = helen.open(placed.tracking).find_all(id="tracking")[0]
    assert page.attributes["data-over"] == "yes"
    assert "Paid." in page.text


def test_nobody_has_to_wait_for_the_coffee_in_order_to_pay(
    helen: Visitor, bao: Visitor, casey: Visitor, shop: Shop
) -> None:
    before, after = helen.order(name="pays first"), helen.order(name="pays last")
    make(bao, after)
    for placed in (before, after):
        assert casey.press(f"/till/{placed.order}/card-by-hand/").status_code < 300
    make(bao, before)
    for placed in (before, after):
        assert casey.press(f"/till/{placed.order}/serve/").status_code < 300
    names = {
        placed: [e.type_name for e in read_log(shop.eventstore_uri) if e.order == placed.order]
        for placed in (before, after)
    }
    assert names[before].index("OrderPaid") < names[before].index("CoffeePrepared")
    assert names[after].index("OrderPaid") > names[after].index("CoffeePrepared")


def test_what_is_not_paid_is_not_handed_over(helen: Visitor, bao: Visitor, casey: Visitor) -> None:
    placed = helen.order()
    make(bao, placed)
    refused = casey.press(f"/till/{placed.order}/serve/")
    assert refused.status_code == 409
    assert "pay" in refused.json()["detail"].lower() or "paid" in refused.json()["detail"].lower()
    helen.wait_for_words(placed, "Please pay")


def test_a_cancelled_order_in_the_making_stops_the_bar(
    helen: Visitor, bao: Visitor, casey: Visitor
) -> None:
    with LiveView(bao, "barista-queue") as bar:
        placed = helen.order()
        bar.wait_for(placed, "take")
        assert bao.press(f"/bar/{placed.order}/take/").status_code < 300
        cancelled = casey.press(f"/till/{placed.order}/cancel/", reason="out of oat milk")
        assert cancelled.status_code < 300, cancelled.text
        card = bar.wait_for(placed, "stop")
        assert "STOP" in card.fragment.element.text
        assert "out of oat milk" in card.fragment.element.text
        stopped = bao.press(f"/bar/{placed.order}/stop/", disposition="wasted")
        assert stopped.status_code < 300, stopped.text
        bar.until(lambda view: not offers(view, placed, "stop"), "the response")
    assert "out of oat milk" in helen.said(placed)


def test_a_ready_order_can_be_brought_back(helen: Visitor, bao: Visitor, casey: Visitor) -> None:
    with LiveView(bao, "barista-queue") as bar, LiveView(helen, "board") as board:
        placed = helen.order()
        make(bao, placed)
        board.until(lambda view: slot_of(view, placed) == "ready", "ready on the board")
        again = bao.press(f"/bar/{placed.order}/bring-back/", reason="remake")
        assert again.status_code < 300, again.text
        bar.wait_for_text(placed, "REMAKE")
        bar.wait_for(placed, "take")
        board.until(lambda view: slot_of(view, placed) == "making", "making on the board")


def make(bao: Visitor, placed: PlacedOrder) -> None:
    for action in ("take", "ready"):
        response = bao.press(f"/bar/{placed.order}/{action}/")
        assert response.status_code < 300, response.text


def tracking_of(helen: Visitor, placed: PlacedOrder) -> LiveView:
    return LiveView(helen, f"order/{placed.tracking.rstrip('/').rpartition('/')[2]}")


def wait_for_words(tracking: LiveView, words: str) -> None:
    def read(view: LiveView) -> bool:
        return any(words in fragment.element.text for fragment in view.state.fragments.values())

    tracking.until(read, repr(words))


def offers(view: LiveView, placed: PlacedOrder, action: str) -> bool:
    card = view.card(placed.order)
    return card is not None and card.offers(action)


def slot_of(view: LiveView, placed: PlacedOrder) -> str:
    card = view.card(placed.order)
    return card.fragment.slot if card is not None else ""
