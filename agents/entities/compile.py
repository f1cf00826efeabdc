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
    marisa_trie.Trie(sorted({f"{code} {key(word)}" for code, word in common})).save(str(folder / "common.marisa"))
    lines = [
        orjson.dumps([
            record.id, record.type, record.name, record.kind, round(record.weight, 3), record.country,
            record.wikidata, record.metonym_of, record.part_of,
        ]) + b"\n"
        for record in ordered
    ]  # fmt: skip
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
            short = len(name) <= _MAX_ACRONYM and name.isupper() and bool(CASED.match(name))
            yield language, name, "acronym" if short else "label"
            if record.type == "PER":
                yield from _person(record, language, name)
    for language, listed in record.adjectives.items():
        for name in listed:
            yield language, name, "proper_adjective" if name[:1].isupper() else "adjective"
    for name in record.surnames:
        yield ANY, name, "surname"


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
