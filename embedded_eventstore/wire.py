"""Protobuf fields written by hand, for messages the client library ships no classes for."""


def text(field: int, value: str | bytes) -> bytes:
    """A length-delimited field: a string, bytes, or a message inside the message."""
    raw = value.encode() if isinstance(value, str) else value
    return bytes([field << 3 | 2]) + _varint(len(raw)) + raw


def number(field: int, value: int) -> bytes:
    """A field that holds an unsigned number."""
    return bytes([field << 3]) + _varint(value)


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
