"""Catalogues of translations: read and written as `.po`, compiled to `.mo`. As GNU gettext does it.

In Python, so that a machine without GNU's tools can do it, and a test can compare.
"""

import struct
from ast import literal_eval
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

MO_MAGIC = 0x950412DE
HEADER_BYTES = 28


class Message(NamedTuple):
    """What is translated; `plural` is "" unless a number decides."""

    english: str
    plural: str = ""


@dataclass
class Catalogue:
    """The translations into one language: a text for each message, or one for each plural form."""

    header: str = ""
    translations: dict[Message, tuple[str, ...]] = field(default_factory=dict)

    def lacks(self, message: Message) -> bool:
        """Whether the message, or one of its plural forms, is not translated."""
        return not all(self.translations.get(message, ("",)))

    @property
    def plural_forms(self) -> int:
        """How many forms of plural the language has, as its header says."""
        return int(self.header.partition("nplurals=")[2].partition(";")[0] or 2)


def read_po(text: str) -> Catalogue:
    """The catalogue in a `.po` file. Raises `ValueError` for a line that is none."""
    catalogue = Catalogue()
    fields: dict[str, str] = {}
    name = ""
    for line in [*text.splitlines(), ""]:
        keyword, space, string = line.partition(" ")
        if line.startswith('"'):
            fields[name] += literal_eval(line)
        elif space and keyword.startswith("msg"):
            name = keyword
            fields[name] = literal_eval(string)
        elif not line:
            _take(fields, catalogue)
            fields = {}
        elif not line.startswith("#"):
            raise ValueError(f"This is no line of a catalogue: {line}")
    return catalogue


def _take(fields: Mapping[str, str], catalogue: Catalogue) -> None:
    if not fields:
        return
    message = Message(fields["msgid"], fields.get("msgid_plural", ""))
    strings = tuple(text for name, text in fields.items() if name.startswith("msgstr"))
    if message.english:
        catalogue.translations[message] = strings
    else:
        catalogue.header = strings[0]


def written_po(catalogue: Catalogue, places: Mapping[Message, Iterable[str]]) -> str:
    """The `.po` file of the messages in `places`, each with where it is used."""
    blocks = [f'msgid ""\nmsgstr ""\n{_lines(catalogue.header)}\n']
    for message, files in places.items():
        comment = "".join(f"#: {file}\n" for file in sorted(set(files)))
        strings = catalogue.translations.get(message, ())
        if message.plural:
            forms = [*strings, *[""] * catalogue.plural_forms][: catalogue.plural_forms]
            texts = "".join(f"msgstr[{n}] {_quoted(text)}\n" for n, text in enumerate(forms))
            plural = f"msgid_plural {_quoted(message.plural)}\n"
            blocks.append(f"{comment}msgid {_quoted(message.english)}\n{plural}{texts}")
        else:
            text = strings[0] if strings else ""
            blocks.append(f"{comment}msgid {_quoted(message.english)}\nmsgstr {_quoted(text)}\n")
    return "\n".join(blocks)


def _lines(header: str) -> str:
    return "\n".join(_quoted(line) for line in header.splitlines(keepends=True))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def compiled(catalogue: Catalogue) -> bytes:
    """The `.mo` file: the ids sorted, then the texts, with tables of lengths and offsets before."""
    texts = {"": catalogue.header}
    for message, strings in catalogue.translations.items():
        if not catalogue.lacks(message):
            key = f"{message.english}\0{message.plural}" if message.plural else message.english
            texts[key] = "\0".join(strings)
    pairs = sorted((key.encode(), text.encode()) for key, text in texts.items())
    ids_at, texts_at = HEADER_BYTES, HEADER_BYTES + 8 * len(pairs)
    offset = texts_at + 8 * len(pairs)
    tables, contents = [], []
    for column in zip(*pairs, strict=True):
        for encoded in column:
            tables.append(struct.pack("<2I", len(encoded), offset))
            contents.append(encoded + b"\0")
            offset += len(encoded) + 1
    header = struct.pack("<7I", MO_MAGIC, 0, len(pairs), ids_at, texts_at, 0, offset)
    return header + b"".join(tables) + b"".join(contents)
