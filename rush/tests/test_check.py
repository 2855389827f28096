"""The check after a rush: it must find an acknowledged order that is missing from a screen."""

from rush.check import check_bar, check_board, check_desk
from rush.journal import AcknowledgedOrder, Step
from rush.screen import Fragment, ViewState

HELEN = "41" * 16


def order(*steps: str, tender: str = "counter", doubtful: str = "") -> AcknowledgedOrder:
    return AcknowledgedOrder(
        order=HELEN,
        tracking=f"/o/{HELEN}.x/",
        command_id="c",
        tender=tender,
        clicked=0.0,
        responded=0.1,
        done={step: position for position, step in enumerate(steps)},
        doubtful={doubtful} - {""},
    )


def screen(*actions: str, slot: str = "queue") -> ViewState:
    forms = "".join(f'<form action="/x/{HELEN}/{action}/"></form>' for action in actions)
    html = f'<li data-order="{HELEN}">{forms}</li>'
    return ViewState(fragments={"card": Fragment("card", slot, "1", html)})


EMPTY = ViewState()


def test_an_acknowledged_order_must_stand_at_the_bar() -> None:
    assert check_bar([order()], screen("take")) == []
    assert len(check_bar([order()], EMPTY)) == 1
    assert len(check_bar([order(Step.TAKEN)], EMPTY)) == 1


def test_a_screen_without_room_says_how_many_it_leaves_out() -> None:
    def crowded(left_out: int) -> ViewState:
        html = f'<p id="more-queue" data-left-out="{left_out}">and {left_out} more</p>'
        return ViewState(fragments={"more-queue": Fragment("more-queue", "", "", html)})

    for check in (check_bar, check_desk, check_board):
        assert check([order()], crowded(1)) == []
        assert len(check([order()], crowded(0))) == 1
    assert len(check_bar([order(Step.TAKEN, Step.READY)], screen("take"))) == 1


def test_what_is_done_must_not_be_offered_at_the_bar_again() -> None:
    assert check_bar([order(Step.TAKEN, Step.READY)], EMPTY) == []
    assert len(check_bar([order(Step.TAKEN, Step.READY)], screen("take"))) == 1
    assert len(check_bar([order(Step.CANCELLED)], screen("take"))) == 1


def test_a_step_without_a_response_allows_both() -> None:
    assert check_bar([order(Step.TAKEN, doubtful=Step.READY)], EMPTY) == []
    assert check_bar([order(Step.TAKEN, doubtful=Step.READY)], screen("ready")) == []


def test_an_unpaid_order_must_stand_at_the_till() -> None:
    assert check_desk([order()], screen("cash")) == []
    assert len(check_desk([order()], EMPTY)) == 1
    assert check_desk([order(tender="demo-approve")], EMPTY) == []


def test_nobody_is_asked_to_pay_twice() -> None:
    assert check_desk([order(Step.PAID)], EMPTY) == []
    assert len(check_desk([order(Step.PAID)], screen("cash"))) == 1


def test_a_ready_order_must_be_offered_for_handing_over() -> None:
    assert check_desk([order(Step.PAID, Step.READY)], screen("serve")) == []
    assert len(check_desk([order(Step.PAID, Step.READY)], EMPTY)) == 1
    assert len(check_desk([order(Step.PAID, Step.READY)], screen("refund"))) == 1
    assert check_desk([order(Step.READY)], screen("cash")) == []
    assert check_desk([order(Step.READY, tender="demo-approve")], screen()) == []
    assert len(check_desk([order(Step.PAID, Step.READY, Step.SERVED)], screen("serve"))) == 1


def test_the_board_calls_what_is_ready_and_only_that() -> None:
    assert check_board([order()], screen(slot="making")) == []
    assert check_board([order(Step.READY)], screen(slot="ready")) == []
    assert len(check_board([order(Step.READY)], screen(slot="making"))) == 1
    assert len(check_board([order(Step.READY)], EMPTY)) == 1
    assert len(check_board([order(Step.READY, Step.SERVED)], screen(slot="ready"))) == 1


def test_a_held_order_and_one_that_is_asked_to_be_stopped_stand_at_the_bar() -> None:
    assert check_bar([order()], screen("resume")) == []
    assert check_bar([order(Step.TAKEN, Step.ASKED_TO_STOP)], screen("stop", "too-late")) == []


def test_what_was_brought_back_is_to_be_made_and_to_be_handed_over_again() -> None:
    steps = (Step.PAID, Step.READY, Step.SERVED, Step.BROUGHT_BACK)
    assert check_bar([order(*steps)], screen("take")) == []
    assert len(check_bar([order(*steps)], EMPTY)) == 1
    assert check_board([order(*steps)], screen(slot="making")) == []
    again = (*steps[3:], Step.PAID, Step.READY)
    assert check_desk([order(*again)], screen("serve")) == []


def test_acknowledgements_may_overtake_one_another() -> None:
    late = order(Step.READY)
    late.done = {Step.BROUGHT_BACK: 20, Step.READY: 10}
    assert not late.has(Step.READY)
    late.done[Step.READY] = 30
    assert late.has(Step.READY)


def test_what_nobody_came_for_and_what_was_stopped_stands_nowhere() -> None:
    for steps in ((Step.PAID, Step.READY, Step.NOT_COLLECTED), (Step.TAKEN, Step.STOPPED)):
        assert check_bar([order(*steps)], EMPTY) == []
        assert check_desk([order(*steps)], EMPTY) == []
        assert check_board([order(*steps)], EMPTY) == []
        assert len(check_board([order(*steps)], screen(slot="ready"))) == 1
