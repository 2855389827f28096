"""Why a command is refused: one named class a reason, each with a sentence for the screen.

People appear as opaque ids in attributes; whoever shows the sentence may add the name.
"""

from typing import ClassVar

from orders.domain.money import in_words
from orders.domain.words import Words


class Refused(Exception):
    """The shop's rules say no. Nothing was written, and the same command again changes nothing."""

    code: ClassVar[str] = "refused"
    words: ClassVar[str] = "That is not possible."

    def __init__(self, sentence: str = "") -> None:
        self.sentence = sentence or self.words
        super().__init__(self.sentence)


class BadInput(Refused):
    """The command makes no sense in itself, whatever has happened so far."""

    code = "bad_input"
    words = "Something in this form is not right."


class UnknownCommand(Refused):
    """The service was asked for something that is not its business."""

    code = "unknown_command"
    words = "The shop does not know how to do that."


class CommandIdReused(Refused):
    """The same command id came again with other contents."""

    code = "command_id_reused"
    words = "This form was already sent with other contents. Please start again."


# --- the order ---------------------------------------------------------------------------------


class UnknownOrder(Refused):
    """Nobody ever ordered this."""

    code = "unknown_order"
    words = "There is no such order."


class AlreadyOrdered(Refused):
    """A second order in the stream of a first one."""

    code = "already_ordered"
    words = "This order was already placed."


class AlreadyStarted(Refused):
    """Too late for the customer to cancel alone."""

    code = "already_started"
    words = "Your order is already being made; please ask at the counter."


class TooLateToChange(Refused):
    """Somebody has started it, or it is given up; `barista` (an opaque id) makes it, if anybody."""

    code = "too_late_to_change"
    words = "Your order can no longer be changed; please ask at the counter."

    def __init__(self, barista: str = "") -> None:
        super().__init__()
        self.barista = barista


class ChangedElsewhere(Refused):
    """The order was changed since the page was opened, on another device perhaps."""

    code = "changed_elsewhere"
    words = "This order was changed since you opened it. Please look again."


class AlreadyPrepared(Refused):
    """Too late for the customer to ask the bar to stop."""

    code = "already_prepared"
    words = "Your order is ready already; please talk to us at the counter."


class TooLateToStop(Refused):
    """The bar was asked, and has said no."""

    code = "too_late_to_stop"
    words = "It was too late to stop your order."


class TooEarly(Refused):
    """Being there does not begin an order for later yet: its time is still far."""

    code = "too_early"
    words = (
        "It is too early: we make it so that it is ready at its time. "
        "Please say that you are here in the last quarter of an hour before."
    )


class AlreadyCancelled(Refused):
    """The order is off."""

    code = "already_cancelled"
    words = "This order was cancelled."


class NotCancelled(Refused):
    """Only a cancelled order is stopped at the bar."""

    code = "not_cancelled"
    words = "This order was not cancelled."


class AlreadyServed(Refused):
    """The customer has the order in their hands."""

    code = "already_served"
    words = "This order was already handed over."


class AlreadyNotCollected(Refused):
    """The order was closed because nobody came."""

    code = "already_not_collected"
    words = "Nobody came for this order; it is closed."


class NotReady(Refused):
    """The order is not prepared (yet, or any more)."""

    code = "not_ready"
    words = "This order is not ready yet."


# --- the bar -----------------------------------------------------------------------------------


class AlreadyTaken(Refused):
    """Another barista has the order; `barista` is their opaque id."""

    code = "already_taken"
    words = "Somebody else is making this order."

    def __init__(self, barista: str) -> None:
        super().__init__()
        self.barista = barista


class NotYours(AlreadyTaken):
    """Only the barista who has the order ticks, finishes or gives it back."""

    code = "not_yours"
    words = "Somebody else is making this order; take it over first."


class NotTaken(Refused):
    """Nobody is making the order."""

    code = "not_taken"
    words = "Nobody is making this order; take it first."


class AlreadyReady(Refused):
    """The order is prepared: once a round is enough."""

    code = "already_ready"
    words = "This order is already ready."


class AlreadyStopped(Refused):
    """The bar has already said what became of the drinks."""

    code = "already_stopped"
    words = "The bar has already stopped this order."


class NotOneTap(Refused):
    """The shop has chosen that orders are taken first."""

    code = "not_one_tap"
    words = "This shop takes an order first, and then makes it ready."


class NotAsked(Refused):
    """There is no question of the customer that could be answered."""

    code = "not_asked"
    words = "The customer does not ask to stop this order (any more)."


class TooManyInARush(Refused):
    """Where everything goes first, nothing does."""

    code = "too_many_in_a_rush"
    words = "Other orders go first already; let one of them wait its turn before."


class UnknownLine(Refused):
    """The order has no line of that number."""

    code = "unknown_line"
    words = "This order has no such line."


class SlotFull(Refused):
    """Others were faster: there is no room for more work at that time."""

    code = "slot_full"
    words = "That time is full by now. Please choose another one."


class LineIsDone(Refused):
    """Somebody else has made it meanwhile."""

    code = "line_is_done"
    words = "Somebody has just made this one."


# --- the money ---------------------------------------------------------------------------------


class NotPaid(Refused):
    """Money is still due: `due` cents of `currency`."""

    code = "not_paid"

    def __init__(self, due: int, currency: str) -> None:
        super().__init__(Words("%(due)s is still to be paid.", due=in_words(due, currency)))
        self.due = due
        self.currency = currency


class DueChanged(Refused):
    """The order costs something else than its customer saw: `due` cents of `currency` are due."""

    code = "due_changed"

    def __init__(self, due: int, currency: str) -> None:
        super().__init__(
            Words(
                "It costs something else since you looked: %(due)s is due now.",
                due=in_words(due, currency),
            )
        )
        self.due = due
        self.currency = currency


class NothingPaid(Refused):
    """There is no money that could go back."""

    code = "nothing_paid"
    words = "Nothing was paid for this order."


class AlreadyPaid(Refused):
    """The order is paid, once and in full."""

    code = "already_paid"
    words = "This order is already paid."


class AlreadyWrittenOff(Refused):
    """The shop has given up what was due."""

    code = "already_written_off"
    words = "This order was written off; nothing is due."


class NothingDue(Refused):
    """There is nothing to pay or to write off."""

    code = "nothing_due"
    words = "Nothing is due for this order."


class NotEnoughCash(Refused):
    """The customer handed over less than what is due: `missing` cents are missing."""

    code = "not_enough_cash"

    def __init__(self, missing: int, currency: str) -> None:
        super().__init__(
            Words("That is %(missing)s too little.", missing=in_words(missing, currency))
        )
        self.missing = missing
        self.currency = currency


class PaymentUnderWay(Refused):
    """A card payment was started and its outcome is not known yet."""

    code = "payment_under_way"
    words = "A card payment is under way; please wait for its outcome."


class UnknownPayment(Refused):
    """An outcome for something that was never started."""

    code = "unknown_payment"
    words = "No such payment or refund was started."


class RefundUnderWay(Refused):
    """The money is already on its way back to the card."""

    code = "refund_under_way"
    words = "The refund is already under way."


class AlreadyRefunded(Refused):
    """The customer has the money back."""

    code = "already_refunded"
    words = "The money was already given back."


class NotPaidByCard(Refused):
    """The gateway knows nothing of this payment: the money goes back by hand."""

    code = "not_paid_by_card"
    words = "This was not paid through the card terminal; give the money back by hand."


class PaidByCard(Refused):
    """The money came through the gateway and goes back through it."""

    code = "paid_by_card"
    words = "This was paid by card; refund it to the card."


# --- customers and numbers ---------------------------------------------------------------------


class NameTaken(Refused):
    """Names are unique."""

    code = "name_taken"
    words = "Somebody else is known here by that name; please choose another."


class AlreadyRegistered(Refused):
    """A customer registers once."""

    code = "already_registered"
    words = "You are already registered here."


class AlreadyForgotten(Refused):
    """A forgotten customer does not come back under the same id."""

    code = "already_forgotten"
    words = "You asked to be forgotten; please start anew."


class NumbersTaken(Refused):
    """Another web process hands out this block of order numbers: ask for the next one."""

    code = "numbers_taken"
    words = "These order numbers are taken."
