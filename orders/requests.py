"""From a request to the envelope of a command: its id, its time, its actor, its correlation."""

from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone

from orders.domain.command import Envelope
from orders.domain.refused import BadInput
from orders.forms import FORM_TOO_OLD, typed_uuid


def envelope_of(request: HttpRequest, actor: str, command_id: UUID | None = None) -> Envelope:
    """The envelope of the command that this request asks for.

    Its id is the one in the form unless it is given. Raises `BadInput` for a form without one.
    """
    command_id = command_id or typed_uuid(request.POST.get("command_id"))
    if command_id is None:
        raise BadInput(str(FORM_TOO_OLD))
    return Envelope(
        command_id=command_id,
        at=timezone.now(),
        actor=actor,
        correlation_id=correlation_id_of(request),
    )


def correlation_id_of(request: HttpRequest) -> str:
    """The id under which everything that follows from this request is noted."""
    return str(getattr(request, "correlation_id", ""))
