"""Protobuf fields written by hand, for messages the client library ships no classes for."""


def text(field: int, value: str | bytes) -> bytes:
    """A length-delimited field: a string, bytes, or a message inside the message."""
    raw = value.encode() if isinstance(value, str) else value
    return bytes([field << 3 | 2]) + _varint(len(raw)) + raw


def number(field: int, value: int) -> bytes:
    """A field that holds an unsigned number."""
    return bytes([field << 3]) + _varint(value)


def numbers(raw: bytes) -> dict[int, int]:
    """The numbers in a message that holds nothing else, by field. Raises ValueError."""
    found: dict[int, int] = {}
    key: int | None = None
    value = shift = 0
    for byte in raw:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte > 0x7F:
            continue
        if key is None:
            key = value
        else:
            found[key >> 3] = value
            key = None
        value = shift = 0
    if key is not None or shift:
        raise ValueError("the message is cut off")
    return found


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
