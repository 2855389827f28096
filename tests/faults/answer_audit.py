"""What was answered, against what the log holds: A1, A2, A3, A11 and A12 of the audit.

Independent of the shop's own code on purpose.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from tests.faults.order_journal import Answer, Intent, Journalled
from tests.faults.recorded import Recorded

SLOWEST_SECONDS = 5.0
DEFECT = 500
NOTHING_WRITTEN = 503


def answers_are_wrong(log: Sequence[Recorded], journal: Journalled) -> list[str]:
    """Every answer that the log does not bear out."""
    placed: dict[str, list[Recorded]] = defaultdict(list)
    for event in log:
        if event.type_name == "CoffeeOrdered":
            placed[str(event.metadata.get("command_id")).replace("-", "")].append(event)
    wrong = []
    for intent in journal.intents.values():
        wrong += _intent_is_wrong(intent, placed.get(intent.key.replace("-", ""), []))
    return wrong


def _intent_is_wrong(intent: Intent, placed: list[Recorded]) -> list[str]:
    key, wrong = intent.key, []
    said_yes = intent.answered("ok")
    if len(placed) > 1:
        wrong.append(f"The form {key} made {len(placed)} orders.")
    if said_yes and not placed:
        wrong.append(f"The form {key} was answered {said_yes[0].status}, and there is no order.")
    if placed and intent.answers and all(is_a_no(answer) for answer in intent.answers):
        wrong.append(f"The form {key} was told no each time, and there is an order.")
    for answer in said_yes if placed else ():
        event = placed[0]
        number = answer.fields.get("number")
        if number is not None and number != event.data["number"]:
            wrong.append(f"The form {key} was told number {number}: it is {event.data['number']}.")
        if answer.order and answer.order != event.order:
            wrong.append(f"The form {key} was told another order than its own.")
        if not _is_what_was_ordered(answer.contents, event):
            wrong.append(f"The form {key} was told yes to what is not in the log.")
    wrong += [f"The form {key} was answered 500." for a in intent.answers if a.status == DEFECT]
    return wrong


def is_a_no(answer: Answer) -> bool:
    """Whether the shop said that nothing is written: a refusal, or 503. Not 504, not silence."""
    return answer.outcome == "fail" or answer.status == NOTHING_WRITTEN


def _is_what_was_ordered(contents: dict[str, Any], event: Recorded) -> bool:
    asked = [(item["item"], item.get("quantity", 1)) for item in contents["items"]]
    return asked == [(line["item"], line["quantity"]) for line in event.data["lines"]]


def slow_answers(journal: Journalled, slowest: float = SLOWEST_SECONDS) -> list[float]:
    """How long the answers took that took longer than any may."""
    return sorted(answer.seconds for answer in journal.answers if answer.seconds > slowest)
