"""The rules of a group: again or not, parked or not, and how far it has come."""

from embedded_eventstore.persistent.group import MAX_WAITING_BYTES, Message
from embedded_eventstore.persistent.tests.given import a_group, ack_id, hand_out, ids, take_in


def test_a_consumer_gets_what_it_has_room_for_and_more_once_it_acknowledges() -> None:
    group = a_group()
    take_in(group, 0, 1, 2, 3)
    consumer = group.join(2)

    assert hand_out(group) == [(0, 0), (1, 0)]
    assert hand_out(group) == []
    group.acknowledge(consumer, ids(0))
    assert hand_out(group) == [(2, 0)]


def test_ids_that_nobody_holds_are_ignored() -> None:
    group = a_group()
    take_in(group, 0)
    consumer = group.join(2)

    group.acknowledge(consumer, ids(0, 7))
    group.reject(consumer, ids(7), "park", "")
    assert hand_out(group) == [(0, 0)]


def test_a_message_is_offered_again_until_its_retries_are_used_up_then_parked() -> None:
    group = a_group(max_retry_count=2)
    take_in(group, 0)
    consumer = group.join(5)

    for retry_count in range(3):
        assert hand_out(group) == [(0, retry_count)]
        group.reject(consumer, ids(0), "retry", "")
    assert hand_out(group) == []
    ((message, reason),) = group.parking.values()
    assert (message.position, reason) == (0, "Reached retry count of 2")


def test_what_is_offered_again_comes_in_order_and_before_anything_new() -> None:
    group = a_group()
    consumer = group.join(3)
    take_in(group, 0, 1, 2, 3, 4)
    hand_out(group)

    group.reject(consumer, ids(2), "retry", "")
    group.reject(consumer, ids(0), "retry", "")
    assert hand_out(group) == [(0, 1), (2, 1)]


def test_a_message_is_taken_away_from_who_holds_it_too_long() -> None:
    group = a_group(message_timeout=1500)
    group.join(3)
    take_in(group, 0)
    assert hand_out(group, now=10.0) == [(0, 0)]

    group.tick(11.0)
    assert hand_out(group, now=11.0) == []
    group.tick(12.0)
    assert hand_out(group, now=12.0) == [(0, 1)]


def test_without_a_timeout_a_message_stays_for_ever() -> None:
    group = a_group(message_timeout=0)
    group.join(3)
    take_in(group, 0)
    hand_out(group)

    group.tick(1e9)
    assert hand_out(group) == []


def test_a_response_that_comes_too_late_changes_nothing() -> None:
    group = a_group(message_timeout=1000)
    consumer = group.join(3)
    take_in(group, 0)
    hand_out(group, now=0.0)
    group.tick(5.0)

    group.acknowledge(consumer, ids(0))
    assert hand_out(group) == [(0, 1)]


def test_what_a_consumer_leaves_behind_goes_to_the_others_and_is_never_parked() -> None:
    group = a_group(max_retry_count=0)
    take_in(group, 0, 1, 2)
    first = group.join(3)
    assert len(hand_out(group)) == 3

    group.leave(first)
    assert not group.parking
    group.join(3)
    assert hand_out(group) == [(0, 1), (1, 1), (2, 1)]


def test_a_group_is_full_when_as_many_consumers_joined_as_it_allows() -> None:
    group = a_group(max_subscriber_count=1)
    consumer = group.join(1)

    assert group.is_full
    group.leave(consumer)
    assert not group.is_full
    assert not a_group(max_subscriber_count=0).is_full


def test_two_messages_with_one_id_are_answered_by_who_holds_them() -> None:
    group = a_group(strategy="RoundRobin")
    first, second = group.join(1), group.join(1)
    for position in (0, 1):
        group.take_in(position, Message(ack_id(9), position))
    hand_out(group)

    group.acknowledge(second, [ack_id(9)])
    group.leave(first)
    assert hand_out(group) == [(0, 1)]


def test_the_checkpoint_stays_below_the_first_message_that_is_open() -> None:
    group = a_group(max_checkpoint_count=1)
    consumer = group.join(9)
    take_in(group, 5, 6, 8)
    hand_out(group)

    group.acknowledge(consumer, ids(6))
    assert group.checkpoint_due(0.0, on_tick=True) is None
    group.acknowledge(consumer, ids(5))
    assert group.checkpoint_due(0.0, on_tick=False) == (2, 6)
    group.acknowledge(consumer, ids(8))
    assert group.checkpoint_due(0.0, on_tick=False) == (3, 8)


def test_what_the_group_does_not_want_moves_its_checkpoint_as_well() -> None:
    group = a_group(max_checkpoint_count=3)
    for position in (10, 20, 30):
        group.take_in(position, None)

    assert group.checkpoint_due(0.0, on_tick=False) == (3, 30)


def test_a_checkpoint_waits_for_its_count_its_time_and_the_clock() -> None:
    group = a_group(min_checkpoint_count=2, max_checkpoint_count=100, checkpoint_after=3000)
    consumer = group.join(9)
    take_in(group, 0, 1, 2, 3)
    hand_out(group)

    group.acknowledge(consumer, ids(0))
    assert group.checkpoint_due(0.0, on_tick=True) is None
    group.acknowledge(consumer, ids(1))
    assert group.checkpoint_due(0.0, on_tick=False) is None
    assert group.checkpoint_due(0.0, on_tick=True) == (2, 1)
    group.has_checkpointed(2, now=0.0)
    group.acknowledge(consumer, ids(2, 3))
    assert group.checkpoint_due(2.9, on_tick=True) is None
    assert group.checkpoint_due(3.0, on_tick=True) == (4, 3)


def test_a_message_counts_as_open_until_it_is_safely_parked() -> None:
    group = a_group(max_checkpoint_count=1)
    consumer = group.join(9)
    take_in(group, 0)
    hand_out(group)

    group.reject(consumer, ids(0), "park", "no milk")
    assert group.checkpoint_due(0.0, on_tick=True) is None
    ((message, reason),) = group.parking.values()
    assert reason == "Client explicitly NAK'ed message.\nno milk"
    group.has_parked(message)
    assert group.checkpoint_due(0.0, on_tick=True) == (1, 0)
    assert hand_out(group) == []


def test_skipping_forgets_a_message() -> None:
    group = a_group(max_checkpoint_count=1)
    consumer = group.join(9)
    take_in(group, 0)
    hand_out(group)

    group.reject(consumer, ids(0), "skip", "")
    assert hand_out(group) == []
    assert group.checkpoint_due(0.0, on_tick=False) == (1, 0)


def test_replayed_messages_come_before_new_ones_and_leave_the_checkpoint_alone() -> None:
    group = a_group(max_checkpoint_count=1)
    consumer = group.join(9)
    take_in(group, 0)
    group.replay(0, Message(ack_id(77), 0, replayed=True))

    assert [held.message.replayed for held in group.deliveries(0.0)] == [True, False]
    group.acknowledge(consumer, ids(77))
    assert group.checkpoint_due(0.0, on_tick=True) is None
    assert group.parked.done == (1, 0)


def test_a_group_takes_nothing_in_while_enough_messages_or_bytes_wait() -> None:
    group = a_group(history_buffer_size=3)
    take_in(group, 0, 1)
    assert group.room() == 1
    take_in(group, 2, size=MAX_WAITING_BYTES + 1)
    assert group.room() == 0
    group.join(3)
    hand_out(group)
    assert group.room() == 3


def test_a_group_takes_nothing_in_while_too_much_waits_to_be_parked() -> None:
    group = a_group(history_buffer_size=2)
    consumer = group.join(9)
    take_in(group, 0, 1)
    hand_out(group)
    group.reject(consumer, ids(0, 1), "park", "")

    assert group.room() == 0
