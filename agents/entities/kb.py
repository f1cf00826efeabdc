"""The compiled knowledge base: a folder of files that are mapped into memory, so a worker loads it in no time.

    aliases.marisa   every key (:func:`agents.entities.fold.key`), a succinct trie
    first.marisa     the first word of each key
    starts.u4        where the postings of key n begin
    postings.u4      entity number, then language number * 4 + alias kind
    entities.jsonl   one line for each entity; entities.u4 says where each begins
    meta.json        version, counts, languages

The version is the digest of the other files: the same records and packages give the same version.
"""

from __future__ import annotations

import hashlib
import mmap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import marisa_trie
import numpy as np
import orjson

from agents.entities.fold import key, words
from agents.entities.records import ANY, Record
from schemas.article import EntityType

KINDS = ("label", "adjective", "surname")
FOLDER = Path(__file__).parent / "kb"
_FILES = ("aliases.marisa", "first.marisa", "starts.u4", "postings.u4", "entities.jsonl", "entities.u4")


@dataclass(frozen=True, slots=True)
class Item:
    """An entity as the linker needs it."""

    id: str
    type: EntityType
    name: str
    kind: str
    weight: float
    country: str | None
    wikidata: str | None
    metonym_of: str | None
    part_of: str | None


@dataclass(frozen=True, slots=True)
class Posting:
    """One alias of one entity."""

    entity: int
    language: str
    kind: str


class Lexicon(Protocol):
    """What the linker asks of a knowledge base: the compiled one, or one with an operator's additions before it."""

    version: str

    def find(self, alias: str) -> Sequence[Posting]:
        """Returns the entities stored under a key."""
        ...

    def begins(self, prefix: str) -> bool:
        """Tells whether a key begins with ``prefix``."""
        ...

    def opens(self, word: str) -> bool:
        """Tells whether ``word`` is the first word of a key."""
        ...

    def prefixes(self, text: str) -> Sequence[str]:
        """Returns the keys that ``text`` begins with."""
        ...

    def item(self, entity: int) -> Item:
        """Returns an entity by its number."""
        ...

    def by_id(self, identifier: str) -> Item | None:
        """Returns an entity by its id."""
        ...


class Compiled:
    """The knowledge base in ``folder``, mapped into memory."""

    def __init__(self, folder: Path = FOLDER) -> None:
        meta = orjson.loads((folder / "meta.json").read_bytes())
        self.version: str = meta["version"]
        self.languages: list[str] = meta["languages"]
        self._aliases = marisa_trie.Trie().mmap(str(folder / "aliases.marisa"))
        self._first = marisa_trie.Trie().mmap(str(folder / "first.marisa"))
        self._starts = np.memmap(folder / "starts.u4", dtype="<u4", mode="r")
        self._postings = np.memmap(folder / "postings.u4", dtype="<u4", mode="r")
        self._lines = np.memmap(folder / "entities.u4", dtype="<u4", mode="r")
        with (folder / "entities.jsonl").open("rb") as file:
            self._text = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._numbers: dict[str, int] | None = None
        self.find = lru_cache(65536)(self._find)
        self.item = lru_cache(16384)(self._item)
        self.prefixes = self._aliases.prefixes

    def opens(self, word: str) -> bool:
        """Tells whether ``word`` is the first word of a key."""
        return word in self._first

    def begins(self, prefix: str) -> bool:
        """Tells whether a key begins with ``prefix``."""
        return next(self._aliases.iterkeys(prefix), None) is not None

    def _find(self, alias: str) -> tuple[Posting, ...]:
        number = self._aliases.get(alias)
        if number is None:
            return ()
        start, end = int(self._starts[number]), int(self._starts[number + 1])
        found = []
        for at in range(start, end):
            entity, tag = int(self._postings[2 * at]), int(self._postings[2 * at + 1])
            found.append(Posting(entity, self.languages[tag >> 2], KINDS[tag & 3]))
        return tuple(found)

    def _item(self, entity: int) -> Item:
        start, end = int(self._lines[entity]), int(self._lines[entity + 1])
        return Item(*orjson.loads(self._text[start:end]))

    def by_id(self, identifier: str) -> Item | None:
        """Returns an entity by its id."""
        if self._numbers is None:
            self._numbers = {self.item(n).id: n for n in range(len(self._lines) - 1)}
        number = self._numbers.get(identifier)
        return None if number is None else self.item(number)


def compile_records(records: Iterable[Record], folder: Path) -> str:
    """Writes the knowledge base of ``records`` into ``folder`` and returns its version."""
    folder.mkdir(parents=True, exist_ok=True)
    ordered = list(records)
    languages = [
        ANY,
        *sorted({language for r in ordered for m in (r.names, r.adjectives) for language in m} - {ANY}),
    ]
    number_of = {language: number for number, language in enumerate(languages)}
    postings: dict[str, dict[int, set[int]]] = {}
    lines: list[bytes] = []
    for entity, record in enumerate(ordered):
        lines.append(orjson.dumps([
            record.id, record.type, record.name, record.kind, round(record.weight, 3), record.country,
            record.wikidata, record.metonym_of, record.part_of,
        ]))  # fmt: skip
        for kind, names in ((0, record.names), (1, record.adjectives)):
            for language, found in names.items():
                for name in found:
                    alias = key(name)
                    if alias:
                        postings.setdefault(alias, {}).setdefault(entity, set()).add(
                            number_of[language] * 4 + kind
                        )
    trie = marisa_trie.Trie(sorted(postings))
    first = marisa_trie.Trie(sorted({words(alias)[0] for alias in postings}))
    starts = np.zeros(len(postings) + 1, dtype="<u4")
    flat: list[int] = []
    for number in range(len(postings)):
        for entity, tags in sorted(postings[trie.restore_key(number)].items()):
            for tag in sorted(tags):
                flat += (entity, tag)
        starts[number + 1] = len(flat) // 2
    offsets = np.concatenate([[0], np.cumsum([len(line) + 1 for line in lines])]).astype("<u4")
    trie.save(str(folder / "aliases.marisa"))
    first.save(str(folder / "first.marisa"))
    starts.tofile(folder / "starts.u4")
    np.array(flat, dtype="<u4").tofile(folder / "postings.u4")
    (folder / "entities.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
    offsets.tofile(folder / "entities.u4")
    version = content_version(folder, languages)
    meta = {"version": version, "entities": len(lines), "aliases": len(postings), "languages": languages}
    (folder / "meta.json").write_bytes(orjson.dumps(meta) + b"\n")
    return version


def content_version(folder: Path, languages: Sequence[str]) -> str:
    """Returns the digest of the compiled files: 16 hex digits of SHA-256."""
    state = hashlib.sha256("\n".join(languages).encode())
    for name in _FILES:
        state.update(hashlib.sha256((folder / name).read_bytes()).digest())
    return state.hexdigest()[:16]
