"""What every button of the staff sends along: who presses it, the id of the wish, which order.

Shared by the bar and the till. It must not know any single button.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.http import Http404, HttpRequest
from django.utils import timezone

from orders.command_handler import Done, handle
from orders.domain.command import Command, Service
from orders.domain.ordering import LONGEST_REASON
from orders.domain.refused import BadInput
from orders.domain.streams import order_stream
from orders.forms import FORM_TOO_OLD, plain_text
from staff.names import actor_of

S = TypeVar("S")


@dataclass(frozen=True, kw_only=True)
class Press:
    """Somebody of the staff pressed a button about one order."""

    order: UUID
    command_id: UUID
    at: datetime
    actor: str
    correlation: str

    def carry_out(self, service: Service[S], command: Command) -> Done:
        """Decide and write. Raises what `orders.command_handler.handle` raises."""
        return handle(order_stream(self.order), service, command, correlation=self.correlation)


def press_of(request: HttpRequest, order_hex: str) -> Press:
    """The press behind this request. Raises Http404 for an impossible order id, `BadInput`."""
    try:
        order = UUID(hex=order_hex)
    except ValueError as error:
        raise Http404 from error
    return Press(
        order=order,
        command_id=command_id_of(request),
        at=timezone.now(),
        actor=actor_of(request.user.pk or 0),
        correlation=str(getattr(request, "correlation_id", "")),
    )


def command_id_of(request: HttpRequest) -> UUID:
    """The id of the wish, made where the form was rendered or tapped. Raises `BadInput`."""
    try:
        return UUID(request.POST.get("command_id", ""))
    except ValueError as error:
        raise BadInput(FORM_TOO_OLD) from error


def reason_of(request: HttpRequest) -> str:
    """The reason somebody typed, cleaned. Raises `BadInput` if it is too long."""
    reason = plain_text(request.POST.get("reason", ""))
    if len(reason) > LONGEST_REASON:
        raise BadInput(f"Please give the reason in at most {LONGEST_REASON} characters.")
    return reason
