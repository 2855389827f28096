"""Values that programs trip over, as hypothesis strategies. Bytes: what a client can really send.

Knows encodings, numbers, times and JSON, and nothing of the shop.
"""

import json
from collections.abc import Iterator

from hypothesis import strategies as st

NASTY: tuple[bytes, ...] = (
    b"",
    b" ",
    b"\x00",
    b"a\x00b",
    b"\xff\xfe",
    b"caf\xe9",
    b"\xed\xa0\x80",  # half of a surrogate pair
    b"\xc0\xaf",  # "/" too long
    b"\xf4\x90\x80\x80",  # beyond Unicode
    "‮latte⁦".encode(),
    "e\u0301\u200b\ufeff".encode(),
    "😀".encode() * 60,
    b"x" * 10_000,
    "ß".encode() * 5_000,
    b"0",
    b"-0",
    b"-1",
    b"1e999",
    b"NaN",
    b"-Infinity",
    b"1_000",
    "٣²½".encode(),
    b"2147483648",
    b"9223372036854775807",
    b"9223372036854775808",
    b"18446744073709551616",
    b"999999999999999999",
    b"9" * 30,
    b"9" * 5_000,
    b"1.5",
    b"5,20",
    b"0001-01-01",
    b"9999-12-31",
    b"0001-W01-1",
    b"9999-W52-7",
    b"2026-02-30",
    b"24:00",
    b"00000000-0000-0000-0000-000000000000",
    b"ffffffffffffffffffffffffffffffff",
    b"{urn:uuid:00000000-0000-0000-0000-000000000000}",
    b"../../etc/passwd",
    b"//evil.example/",
    b"javascript:alert(1)",
    b"\r\nSet-Cookie: a=b",
    b"'; DROP TABLE orders --",
    b"%s%n%(x)s{0}{{7*7}}",
    b"<script>alert(1)</script>",
    b'"><img src=x onerror=alert(1)>',
    b"[]",
    b"null",
    b"true",
    b"$all",
    b"order-",
    b"_",
    b"\\",
    b"%",
    b"%00",
    b"*",
)

EDGES_OF_TIME: tuple[bytes, ...] = (
    b"0001-01-01T00:00:00",
    b"0001-01-01T00:00:00Z",
    b"0001-01-01T00:00:00+14:00",
    b"0001-01-01T00:00:00-23:59",
    b"1969-12-31T23:59:59-23:59",
    b"1970-01-01T00:00:00",
    b"1970-01-01T00:00:00Z",
    b"1970-01-01T00:00:00+23:59",
    b"2026-03-29T02:30:00",  # an hour that Berlin's clocks leave out
    b"2026-10-25T02:30:00",  # and one that comes twice
    b"9998-12-31T23:59:59.999999",
    b"9998-12-31T23:59:59-23:59",
    b"9999-12-31T23:59:59",
    b"9999-12-31T23:59:59Z",
    b"9999-12-31T23:59:59-12:00",
    b"9999-12-31T23:59:59+23:59",
    b"10000-01-01T00:00:00Z",
)

EVERY: tuple[bytes, ...] = NASTY + EDGES_OF_TIME

OFFSETS = ("", "Z", "+00:00", "-00:01", "+14:00", "-12:00", "+23:59", "-23:59", "+24:00", " 02:00")
YEARS = (0, 1, 2, 1900, 1969, 1970, 1971, 2026, 2037, 2038, 9997, 9998, 9999, 10000)
DAYS = ("01-01", "01-02", "12-30", "12-31", "02-29", "03-29", "10-25")
CLOCKS = ("00:00:00", "02:30:00", "12:00", "23:59:59", "23:59:59.999999", "24:00:00", "")

moments = st.builds(
    lambda year, day, clock, offset: f"{year:04d}-{day}T{clock}{offset}".encode(),
    st.sampled_from(YEARS),
    st.sampled_from(DAYS),
    st.sampled_from(CLOCKS),
    st.sampled_from(OFFSETS),
)
"""ISO 8601, at the edges of time and of time zones."""

written = st.text(max_size=20).map(lambda text: text.encode("utf-8", "surrogatepass"))

values: st.SearchStrategy[bytes] = st.one_of(
    st.sampled_from(NASTY), moments, written, st.binary(max_size=20)
)

JSON_FRAGMENTS: tuple[bytes, ...] = (
    b"null",
    b"true",
    b"0",
    b"-1",
    b"1.5",
    b"1e999",
    b"-1e999",
    b"NaN",
    b"Infinity",
    b"9" * 30,
    b"9" * 5_000,
    b'""',
    b'"\\ud800"',
    b'"\\udc00\\ud800"',
    b'"\\u0000"',
    b'"\xff"',
    b'"caf\xe9"',
    b'"\xed\xa0\x80"',
    b'"' + b"x" * 10_000 + b'"',
    '"‮\u200b😀"'.encode(),
    b"[]",
    b"{}",
    b"[[]]",
    b'[""]',
    b"[null]",
    b'{"":{}}',
    b"[" * 10_000 + b"]" * 10_000,
    b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    b"[" * 30_000,
    b'"',
    b"\\",
    b"",
)


def mangled(data: bytes) -> st.SearchStrategy[bytes]:
    """These bytes with one of them replaced, added or left out."""
    return st.builds(
        lambda at, more, skip: data[:at] + more + data[at + skip :],
        st.integers(0, len(data)),
        st.sampled_from((b"", b"\x00", b"\xff", b'"', b"{", b"\\u", b"\xed\xa0\x80", b",", b"\n")),
        st.integers(0, 2),
    )


def json_like(example: dict[str, object]) -> st.SearchStrategy[bytes]:
    """JSON objects near an example: fields replaced, doubled, left out or added; or broken."""
    fields = {name: json.dumps(value).encode() for name, value in example.items()}
    fragments = st.one_of(
        st.sampled_from(JSON_FRAGMENTS),
        st.text(max_size=20).map(lambda text: json.dumps(text).encode()),
        st.integers().map(lambda number: str(number).encode()),
    )

    @st.composite
    def objects(draw: st.DrawFn) -> bytes:
        kept = [(name, value) for name, value in fields.items() if draw(st.integers(0, 9))]
        changed = draw(st.lists(st.sampled_from([*fields, "more", "\ud800"]), max_size=3))
        pairs = [*kept, *((name, draw(fragments)) for name in changed)]
        if draw(st.booleans()):
            pairs = list(dict(pairs).items())
        inside = b",".join(json.dumps(name).encode() + b":" + value for name, value in pairs)
        return b"{" + inside + b"}"

    whole = json.dumps(example).encode()
    return st.one_of(objects(), mangled(whole), fragments)


def json_sweep(example: dict[str, object]) -> Iterator[bytes]:
    """The example with one field replaced, or doubled, by each of the fragments."""
    fields = {name: json.dumps(value).encode() for name, value in example.items()}
    for name in (*fields, "more"):
        for fragment in JSON_FRAGMENTS:
            for pairs in (
                list({**fields, name: fragment}.items()),
                [*fields.items(), (name, fragment)],
            ):
                yield b"{" + b",".join(json.dumps(n).encode() + b":" + v for n, v in pairs) + b"}"
