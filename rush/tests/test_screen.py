"""The rules of a live screen: a lost, doubled or late push does no harm."""

from typing import Any

from rush.screen import Received, ViewState


def fragment(name: str, html: str | None = "<li>x</li>") -> dict[str, Any]:
    return {"id": name, "slot": "queue", "sort": "1", "html": html}


def snapshot(seq: int, *fragments: dict[str, Any], generation: int = 1) -> dict[str, Any]:
    message = {"kind": "snapshot", "generation": generation, "seq": seq}
    return message | {"fragments": list(fragments)}


def push(seq: int, *fragments: dict[str, Any], generation: int = 1) -> dict[str, Any]:
    return {"kind": "push", "generation": generation, "seq": seq, "fragments": list(fragments)}


def heartbeat(seq: int, generation: int = 1) -> dict[str, Any]:
    return {"kind": "heartbeat", "generation": generation, "seq": seq}


def shown(state: ViewState) -> set[str]:
    return set(state.fragments)


def test_the_next_push_is_applied() -> None:
    state = ViewState()
    state.receive(snapshot(4, fragment("a")))
    assert state.receive(push(5, fragment("b"), fragment("a", None))) is Received.CHANGED
    assert shown(state) == {"b"}


def test_a_push_that_came_twice_or_late_is_ignored() -> None:
    state = ViewState()
    state.receive(snapshot(4, fragment("a")))
    assert state.receive(push(4, fragment("a", None))) is Received.UNCHANGED
    assert state.receive(push(3, fragment("z"))) is Received.UNCHANGED
    assert shown(state) == {"a"}


def test_a_lost_push_asks_for_everything_and_the_early_one_is_kept() -> None:
    state = ViewState()
    state.receive(snapshot(4, fragment("a")))
    assert state.receive(push(6, fragment("c"))) is Received.GAP
    assert shown(state) == {"a"}
    state.receive(snapshot(5, fragment("a"), fragment("b")))
    assert shown(state) == {"a", "b", "c"}
    assert state.seq == 6


def test_a_push_before_the_first_snapshot_is_not_lost() -> None:
    state = ViewState()
    assert state.receive(push(8, fragment("b"))) is Received.GAP
    state.receive(snapshot(7))
    assert shown(state) == {"b"}


def test_a_heartbeat_ahead_of_the_screen_asks_for_everything() -> None:
    state = ViewState()
    state.receive(snapshot(4))
    assert state.receive(heartbeat(4)) is Received.UNCHANGED
    assert state.receive(heartbeat(5)) is Received.GAP


def test_a_summary_is_painted_and_has_no_number() -> None:
    state = ViewState()
    state.receive(snapshot(4, fragment("all-day", "<p>1</p>")))
    summary = {"kind": "summary", "view": "board", "fragments": [fragment("all-day", "<p>2</p>")]}
    assert state.receive(summary) is Received.CHANGED
    assert (state.seq, state.fragments["all-day"].html) == (4, "<p>2</p>")


def test_a_new_generation_asks_for_everything() -> None:
    state = ViewState()
    state.receive(snapshot(40, fragment("a")))
    assert state.receive(push(2, fragment("b"), generation=2)) is Received.GAP
    state.receive(snapshot(2, fragment("b"), generation=2))
    assert shown(state) == {"b"}


def test_a_screen_never_goes_back() -> None:
    state = ViewState()
    state.receive(snapshot(9, fragment("new")))
    assert state.receive(snapshot(8, fragment("old"))) is Received.UNCHANGED
    assert shown(state) == {"new"}


def test_views_differ_in_content_but_not_in_form_tokens() -> None:
    first, second = ViewState(), ViewState()
    token = '<input type="hidden" name="command_id" value="{}"><b>041</b>'
    first.receive(snapshot(1, fragment("a", token.format("x")), fragment("b", "<b>1</b>")))
    second.receive(snapshot(1, fragment("a", token.format("y")), fragment("b", "<b>2</b>")))
    assert first.differences(second) == ["b"]
    second.receive(push(2, fragment("b", "<b>1</b>")))
    assert first.differences(second) == []
