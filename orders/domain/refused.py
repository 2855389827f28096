"""Why a command is refused: one named class a reason, each with a sentence for the screen."""

from typing import ClassVar


class Refused(Exception):
    """The shop's rules say no. Nothing was written, and asking again changes nothing."""

    code: ClassVar[str] = "refused"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class BadInput(Refused):
    """The wish makes no sense in itself, whatever has happened so far."""

    code = "bad_input"


class UnknownCommand(Refused):
    """The service was asked for something that is not its business."""

    code = "unknown_command"


class CommandIdReused(Refused):
    """The same command id came again with other contents."""

    code = "command_id_reused"

    def __init__(self) -> None:
        super().__init__("This form was already sent with other contents. Please start again.")
