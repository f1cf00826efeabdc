"""Turns records into the files of :mod:`agents.entities.kb`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import marisa_trie
import numpy as np
import orjson

from agents.entities.fold import CASED, UNSPACED, key
from agents.entities.kb import content_version
from agents.entities.names import PARTICLES, name_skeleton
from agents.entities.records import ALIAS_KINDS, ANY, AliasKind, Record

_MAX_ACRONYM = 6
_FAMOUS = 9.4
"""Weight from which a person may be called by one name without evidence from the article."""
_GIVEN = Path(__file__).parent / "given.txt"
_Pairs = dict[str, set[tuple[int, int]]]


def compile_records(records: Iterable[Record], common: Iterable[tuple[str, str]], folder: Path) -> str:
    """Writes the knowledge base of ``records`` and common words into ``folder``; returns its version."""
    folder.mkdir(parents=True, exist_ok=True)
    ordered = list(records)
    used = {language for r in ordered for listed in (r.names, r.adjectives) for language in listed}
    languages = [ANY, *sorted(used - {ANY})]
    number_of = {language: number for number, language in enumerate(languages)}
    postings: _Pairs = {}
    for entity, record in enumerate(ordered):
        for language, name, kind in aliases(record):
            tag = number_of[language] * 8 + ALIAS_KINDS.index(kind)
            postings.setdefault(key(name), set()).add((entity, tag))
    postings.pop("", None)
    trie = _write_table(postings, folder, "aliases")
    skeletons: _Pairs = {}
    for entity, record in enumerate(ordered):
        if record.type == "PER":
            for name in {name for listed in record.names.values() for name in listed}:
                if " " in key(name) and CASED.match(name):
                    skeletons.setdefault(name_skeleton(key(name)), set()).add((entity, trie[key(name)]))
    skeletons.pop("", None)
    _write_table(skeletons, folder, "skeletons")
    marisa_trie.Trie(sorted({alias.split(" ")[0] for alias in postings})).save(str(folder / "first.marisa"))
    small = {
        key(name).split(" ")[0]
        for record in ordered
        for _, name, kind in aliases(record)
        if kind in ("adjective", "proper_adjective") or record.kind == "office"
    }
    marisa_trie.Trie(sorted(small - {""})).save(str(folder / "small.marisa"))
    marisa_trie.Trie(sorted({f"{code} {key(word)}" for code, word in common})).save(
        str(folder / "common.marisa")
    )
    lines = [
        orjson.dumps([
            record.id, record.type, record.name, record.kind, round(record.weight, 3), record.country,
            record.wikidata, record.metonym_of, record.part_of, record.common_word,
        ]) + b"\n"
        for record in ordered
    ]  # fmt: skip
    given = {key(name).split(" ")[0] for record in ordered for name in given_names(record)}
    marisa_trie.Trie(sorted(given | spoken_names())).save(str(folder / "given.marisa"))
    _write_ids(ordered, folder)
    (folder / "entities.jsonl").write_bytes(b"".join(lines))
    np.cumsum([0, *map(len, lines)]).astype("<u4").tofile(folder / "entities.u4")
    version = content_version(folder, languages)
    meta = {"version": version, "entities": len(lines), "aliases": len(postings), "languages": languages}
    (folder / "meta.json").write_bytes(orjson.dumps(meta) + b"\n")
    return version


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
            if record.type == "PER":
                yield from _person(record, language, name)
    for language, listed in record.adjectives.items():
        for name in listed:
            yield language, name, "proper_adjective" if name[:1].isupper() else "adjective"
    for name in record.surnames:
        yield ANY, name, "surname"


def given_names(record: Record) -> Iterator[str]:
    """Yields the given names a person's record shows."""
    if record.type == "PER" and not record.surname_first:
        for listed in record.names.values():
            yield from (name for name in listed if " " in name and not UNSPACED.match(name))


def spoken_names() -> set[str]:
    """Returns the given names of our own list."""
    lines = _GIVEN.read_text("utf-8").splitlines()
    return {key(word) for line in lines if not line.startswith("#") for word in line.split()}


def _write_ids(records: list[Record], folder: Path) -> None:
    numbers = {record.id: number for number, record in enumerate(records)}
    for number, record in enumerate(records):
        if record.type == "ORG" and record.part_of and ":" in record.part_of:
            numbers.setdefault(f"gov:{record.part_of}", number)
    trie = marisa_trie.Trie(sorted(numbers))
    listed = [numbers[trie.restore_key(place)] for place in range(len(numbers))]
    trie.save(str(folder / "ids.marisa"))
    np.array(listed, dtype="<u4").tofile(folder / "ids.u4")


def _person(record: Record, language: str, name: str) -> Iterator[tuple[str, str, AliasKind]]:
    parts = name.replace("・", " ").replace("·", " ").replace("＝", " ").split()
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


def _write_table(postings: Mapping[str, set[tuple[int, int]]], folder: Path, name: str) -> marisa_trie.Trie:
    trie = marisa_trie.Trie(sorted(postings))
    starts = np.zeros(len(postings) + 1, dtype="<u4")
    flat: list[int] = []
    for number in range(len(postings)):
        for pair in sorted(postings[trie.restore_key(number)]):
            flat += pair
        starts[number + 1] = len(flat) // 2
    trie.save(str(folder / f"{name}.marisa"))
    starts.tofile(folder / f"{name}.starts.u4")
    np.array(flat, dtype="<u4").tofile(folder / f"{name}.postings.u4")
    return trie
