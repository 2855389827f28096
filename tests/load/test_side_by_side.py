"""The table's arithmetic: ratios round by round, and what counts as worst."""

from tests.load.side_by_side import Limit, Row, in_turns, percentile, table


def row(limit: Limit, *rounds: tuple[float, float]) -> Row:
    filled = Row("G1", "orders/s", limit, "CRUD")
    for ours, peers in rounds:
        filled.note(ours, peers)
    return filled


def test_a_ratio_is_taken_of_each_round_and_the_lowest_is_worst_of_what_should_be_high() -> None:
    more = row(Limit(3, of_ratio=True), (300, 100), (200, 80), (400, 100))

    assert more.ratios == [3.0, 2.5, 4.0]
    assert more.is_reached
    assert more.cells()[2:] == (
        "CRUD: 100 (80 to 100)",
        "≥ 3 ×",
        "300 (200 to 400)",
        "3 (2.5, 4)",
        "yes",
    )


def test_the_highest_is_worst_of_what_should_be_low() -> None:
    slower = row(Limit(1, at_most=True, of_ratio=True), (50, 100), (300, 200))

    assert slower.ratios == [0.5, 1.5]
    assert slower.is_reached
    assert slower.cells()[5] == "1 (1.5, 0.5)"


def test_a_limit_of_the_shop_s_own_figure_needs_no_peer() -> None:
    memory = Row("G12", "MiB", Limit(400, at_most=True))
    memory.note(410)
    memory.note(450)

    assert memory.is_reached is False
    assert memory.cells() == ("G12", "MiB", "", "≤ 400", "430 (410 to 450)", "", "**no**")


def test_a_goal_that_was_not_measured_is_not_reached() -> None:
    assert Row("G1", "orders/s", Limit(3)).is_reached is False
    assert Row("G1", "CPU of the web").is_reached is None


def test_the_table_has_a_line_for_each_row() -> None:
    lines = table([row(Limit(1), (1, 1)), row(Limit(2), (1, 1))]).splitlines()

    assert len(lines) == 4
    assert len({line.count("|") for line in lines}) == 1


def test_sides_take_turns_in_both_orders() -> None:
    assert list(in_turns("AB", 3)) == ["A", "B", "B", "A", "A", "B"]


def test_a_percentile_is_in_milliseconds() -> None:
    assert percentile([0.001 * n for n in range(1, 101)], 99) == 99
