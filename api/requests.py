"""What a program sent: its query, its JSON, and the key by which a repeat is known."""

from typing import ClassVar, TypeVar
from uuid import UUID, uuid4

import msgspec
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext

KEY_SALT = "idempotency key"

LONGEST_KEY = 200

Fields = TypeVar("Fields", bound=msgspec.Struct)


class BadRequest(Exception):
    """The request is not in the form that the API's document describes."""

    status: ClassVar[int] = 422
    code: ClassVar[str] = "bad_input"
    retry_after: ClassVar[int | None] = None

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class NotJson(BadRequest):
    """The body says that it is something else than JSON."""

    status = 415
    code = "not_json"


class BrokenJson(BadRequest):
    """The body says that it is JSON, and is not."""

    status = 400
    code = "bad_json"


def query_of(request: HttpRequest, fields: type[Fields]) -> Fields:
    """The query parameters that an operation declares. Raises `BadRequest`, also for any other:
    a misspelt `?at=` would be answered with the state of now.
    """
    try:
        return msgspec.convert(request.GET.dict(), fields, strict=False)
    except msgspec.ValidationError as error:
        raise BadRequest(
            gettext("The query is not in the expected form: %(why)s.") % {"why": error}
        ) from error


def body_of(request: HttpRequest, fields: type[Fields]) -> Fields:
    """The JSON that was sent; no body at all is an empty object. Raises `BadRequest`."""
    body = request.body
    if body and request.content_type != "application/json":
        raise NotJson(gettext("Please send application/json."))
    try:
        return msgspec.json.decode(body or b"{}", type=fields)
    except msgspec.ValidationError as error:
        raise BadRequest(
            gettext("The body is not in the expected form: %(why)s.") % {"why": error}
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BrokenJson(gettext("The body is no JSON.")) from error


def command_id_of(request: HttpRequest, caller: int | None) -> UUID:
    """The id of the command: the `Idempotency-Key`, or one that follows from it, or a new one.

    A key that is no UUID counts for one caller (an account) at one address: two programs may both
    count from 1. Strangers cannot be told apart, so theirs has to be a UUID. Raises `BadRequest`.

    The server's secret goes in: else a stranger would work out the id of a program's `order-1`,
    send it, and be handed the link to the order that it placed.
    """
    given = request.headers.get("Idempotency-Key")
    if given is None:
        return uuid4()
    key = given.strip().strip('"')
    if not 1 <= len(key) <= LONGEST_KEY:
        raise BadRequest(
            gettext("An Idempotency-Key has 1 to %(most)s characters.") % {"most": LONGEST_KEY}
        )
    try:
        return UUID(key)
    except ValueError:
        pass
    if caller is None:
        raise BadRequest(gettext("Without a token the Idempotency-Key has to be a UUID."))
    digest = salted_hmac(KEY_SALT, f"{caller} {request.path} {key}", algorithm="sha256").digest()
    return UUID(bytes=digest[:16])
