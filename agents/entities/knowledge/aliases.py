"""What a record may be called: its names, and for a person the surname and other orders of the name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from agents.entities.knowledge.records import ANY, BELIEVED, NOTED, AliasKind, Record
from agents.entities.spelling.fold import CASED, UNSPACED, key
from agents.entities.spelling.letters import spelled_out
from agents.entities.spelling.names import PARTICLES

_MAX_ACRONYM = 6
_FAMOUS = 9.4
"""Weight from which a person may be called by one name without evidence from the article."""
_SUFFIXES = frozenset({"Jr", "Sr", "II", "III"})
_GIVEN = Path(__file__).parent / "given.txt"


def aliases(record: Record) -> Iterator[tuple[str, str, AliasKind]]:
    """Yields every alias of a record: language, name, kind; a person's surname and other orders are derived."""
    for language, listed in record.names.items():
        for name in listed:
            if (
                record.type == "PER"
                and record.weight < _FAMOUS
                and CASED.match(name)
                and " " not in key(name)
            ):
                yield language, name, "surname"
                continue
            short = len(name) <= _MAX_ACRONYM and name.isupper() and bool(CASED.match(name))
            yield language, name, "acronym" if short else "label"
            if short and record.type == "ORG" and language in BELIEVED and record.weight >= NOTED:
                yield from ((other, spelt, "label") for other, spelt in spelled_out(name))
            if record.type == "PER" and record.weight >= NOTED:
                yield from _person(record, language, name)
    for language, listed in record.adjectives.items():
        for name in listed:
            yield language, name, "proper_adjective" if name[:1].isupper() else "adjective"
    for name in record.surnames:
        yield ANY, name, "surname"


def given_names(record: Record) -> Iterator[str]:
    """Yields the full names of a person's record that begin with a given name."""
    if record.type == "PER" and not record.surname_first:
        for listed in record.names.values():
            yield from (name for name in listed if " " in name and not UNSPACED.match(name))


def spoken_names() -> set[str]:
    """Returns the given names of our own list."""
    lines = _GIVEN.read_text("utf-8").splitlines()
    return {key(word) for line in lines if not line.startswith("#") for word in line.split()}


def _person(record: Record, language: str, name: str) -> Iterator[tuple[str, str, AliasKind]]:
    parts = name.replace("・", " ").replace("·", " ").replace("＝", " ").split()
    if len(parts) > 1 and parts[-1].rstrip(".") in _SUFFIXES:
        parts.pop()
    if len(parts) < 2:
        return
    if UNSPACED.match(name):
        if not record.surname_first and len(parts[-1]) >= 3:
            yield language, parts[-1], "surname"
        return
    if record.surname_first:
        if CASED.match(name) and len(parts) <= 3:
            yield language, " ".join([*parts[1:], parts[0]]), "label"
            if len(parts[0]) >= 3:
                yield language, parts[0], "surname"
        return
    if len(parts) == 2 and CASED.match(name):
        yield "hu", f"{parts[1]} {parts[0]}", "label"
    if record.surnames:
        return
    at = len(parts) - 1
    if len(parts[at]) < 3:
        return
    yield language, parts[at], "surname"
    first = at
    while first > 1 and parts[first - 1].lower() in PARTICLES:
        first -= 1
    if first < at:
        yield language, " ".join(parts[first:]), "surname"
