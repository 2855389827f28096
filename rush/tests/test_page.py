"""A page is read as a browser without JavaScript reads it."""

import pytest

from rush.page import NoSuchForm, read_page

PAGE = """
<!doctype html><title>x</title>
<main data-order="ab">
  <p>Two  words<br>and <b>more</b></p>
  <script>no words</script>
  <form action="/basket/?x=1#place" method="post">
    <input type="hidden" name="command_id" value="17">
    <input type="radio" name="size" value="S"><input type="radio" name="size" value="L" checked>
    <input type="checkbox" name="option" value="oat"><input type="checkbox" name="option" value="x">
    <select name="milk"><option value="cow">Cow<option value="oat" selected>Oat</select>
    <select name="sugar"><option value="none">None</option><option value="one">One</option></select>
    <input name="gone" value="1" disabled>
    <textarea name="note">hot &amp; sweet</textarea>
    <button name="pressed" value="1">Add</button>
  </form>
</main>
"""


def test_the_words_are_what_a_person_reads() -> None:
    words = read_page(PAGE).find_all("main")[0].text
    assert words.startswith("Two words and more")
    assert "no words" not in words


def test_a_form_left_as_it_is_sends_what_it_was_rendered_with() -> None:
    form = read_page(PAGE).form(ending="/basket/")
    assert sorted(form.filled({})) == [
        ("command_id", "17"),
        ("milk", "oat"),
        ("note", "hot & sweet"),
        ("size", "L"),
        ("sugar", "none"),
    ]


def test_entered_values_replace_what_was_rendered() -> None:
    form = read_page(PAGE).form(ending="/basket/")
    sent = form.filled({"size": "S", "option": ["oat", "x"], "note": ""})
    assert [value for name, value in sent if name == "size"] == ["S"]
    assert [value for name, value in sent if name == "option"] == ["oat", "x"]
    assert ("note", "") in sent


def test_a_group_of_check_boxes_allows_several() -> None:
    form = read_page(PAGE).form(ending="/basket/")
    choices = {choice.name: choice for choice in form.choices}
    assert choices["option"].several
    assert choices["option"].values == ("oat", "x")
    assert not choices["size"].several


def test_a_missing_form_is_said_by_name() -> None:
    with pytest.raises(NoSuchForm, match="/orders/"):
        read_page(PAGE).form(ending="/orders/")


def test_elements_are_found_by_their_attributes() -> None:
    assert read_page(PAGE).find_all(data_order="ab")[0].tag == "main"
    assert read_page(PAGE).find_all(data_order="cd") == []
