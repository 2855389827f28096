"""The rules of a live screen: a lost, doubled or late push does no harm."""

from typing import Any

from rush.picture import Heard, Picture


def fragment(name: str, html: str | None = "<li>x</li>") -> dict[str, Any]:
    return {"id": name, "slot": "queue", "sort": "1", "html": html}


def snapshot(seq: int, *fragments: dict[str, Any], generation: int = 1) -> dict[str, Any]:
    told = {"kind": "snapshot", "generation": generation, "seq": seq}
    return told | {"fragments": list(fragments)}


def push(seq: int, *fragments: dict[str, Any], generation: int = 1) -> dict[str, Any]:
    return {"kind": "push", "generation": generation, "seq": seq, "fragments": list(fragments)}


def heartbeat(seq: int, generation: int = 1) -> dict[str, Any]:
    return {"kind": "heartbeat", "generation": generation, "seq": seq}


def shown(picture: Picture) -> set[str]:
    return set(picture.fragments)


def test_the_next_push_is_applied() -> None:
    picture = Picture()
    picture.hear(snapshot(4, fragment("a")))
    assert picture.hear(push(5, fragment("b"), fragment("a", None))) is Heard.CHANGED
    assert shown(picture) == {"b"}


def test_a_push_that_came_twice_or_late_is_ignored() -> None:
    picture = Picture()
    picture.hear(snapshot(4, fragment("a")))
    assert picture.hear(push(4, fragment("a", None))) is Heard.NOTHING_NEW
    assert picture.hear(push(3, fragment("z"))) is Heard.NOTHING_NEW
    assert shown(picture) == {"a"}


def test_a_lost_push_asks_for_everything_and_the_early_one_is_kept() -> None:
    picture = Picture()
    picture.hear(snapshot(4, fragment("a")))
    assert picture.hear(push(6, fragment("c"))) is Heard.GAP
    assert shown(picture) == {"a"}
    picture.hear(snapshot(5, fragment("a"), fragment("b")))
    assert shown(picture) == {"a", "b", "c"}
    assert picture.seq == 6


def test_a_push_before_the_first_snapshot_is_not_lost() -> None:
    picture = Picture()
    assert picture.hear(push(8, fragment("b"))) is Heard.GAP
    picture.hear(snapshot(7))
    assert shown(picture) == {"b"}


def test_a_heartbeat_ahead_of_the_screen_asks_for_everything() -> None:
    picture = Picture()
    picture.hear(snapshot(4))
    assert picture.hear(heartbeat(4)) is Heard.NOTHING_NEW
    assert picture.hear(heartbeat(5)) is Heard.GAP


def test_a_new_generation_asks_for_everything() -> None:
    picture = Picture()
    picture.hear(snapshot(40, fragment("a")))
    assert picture.hear(push(2, fragment("b"), generation=2)) is Heard.GAP
    picture.hear(snapshot(2, fragment("b"), generation=2))
    assert shown(picture) == {"b"}


def test_a_screen_never_goes_back() -> None:
    picture = Picture()
    picture.hear(snapshot(9, fragment("new")))
    assert picture.hear(snapshot(8, fragment("old"))) is Heard.NOTHING_NEW
    assert shown(picture) == {"new"}


def test_pictures_differ_in_content_but_not_in_form_tokens() -> None:
    one, other = Picture(), Picture()
    token = '<input type="hidden" name="command_id" value="{}"><b>041</b>'
    one.hear(snapshot(1, fragment("a", token.format("x")), fragment("b", "<b>1</b>")))
    other.hear(snapshot(1, fragment("a", token.format("y")), fragment("b", "<b>2</b>")))
    assert one.differences(other) == ["b"]
    other.hear(push(2, fragment("b", "<b>1</b>")))
    assert one.differences(other) == []


def test_a_hint_to_look_again_asks_for_everything() -> None:
    assert Picture().hear({"kind": "resync"}) is Heard.GAP
