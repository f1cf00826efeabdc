"""Turns records into the files of :mod:`agents.entities.knowledge.kb`, however many there are.

Aliases go through an external sort, so memory grows with the tries (some tens of bytes a key) and with nothing else.
"""

from __future__ import annotations

import re
import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from itertools import groupby
from pathlib import Path

import marisa_trie
import numpy as np
import orjson
from numpy.typing import NDArray

from agents.entities.knowledge.aliases import aliases, spoken_names
from agents.entities.knowledge.kb import FORMAT, content_version
from agents.entities.knowledge.records import ALIAS_KINDS, ANY, NOTED, AliasKind, Item, Record
from agents.entities.knowledge.spill import Spill
from agents.entities.spelling.fold import CASED, key
from agents.entities.spelling.names import name_skeleton, outline_key
from schemas.article import EntityType

MOST_BEARERS = 32
"""Entities one alias is kept for, the heaviest: ``Santa Cruz`` beyond that tells nothing and costs time."""
_SOUNDING = 3.2
"""Weight of a place from which it is found by the sound of its English name: a city of 250,000."""
_FIELDS = tuple(item.name for item in fields(Item))
_CHUNK = 1 << 20
_DOTS = re.compile("[\u093c\u0a3c]")
"""The dots below of Devanagari and Gurmukhi, which many leave out."""

Told = Callable[[str, int, int], None]
"""Told of progress: what is being done, how much of it, out of how much (0: not known)."""


def compile_records(
    records: Iterable[Record], common: Iterable[tuple[str, str]], given: Iterable[str], folder: Path
) -> str:
    """Writes the knowledge base of ``records``, common words and given names into ``folder``; returns its version."""
    with Compilation(folder) as compilation:
        for record in records:
            compilation.add(record)
        words = (f"{code} {key(word)}" for code, word in common)
        return compilation.finish(words, given)


class Compilation:
    """A knowledge base in the making: takes entities and aliases in any order, then writes ``folder``."""

    def __init__(self, folder: Path, told: Told | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._told = told or (lambda what, done, total: None)
        self._work = tempfile.TemporaryDirectory(dir=folder, prefix="work-")
        work = Path(self._work.name)
        self._aliases = Spill(work, "aliases")
        self._skeletons = Spill(work, "skeletons")
        self._ids = Spill(work, "ids")
        self._lines = (work / "entities").open("w+b")
        self._ends = array("Q", [0])
        self._weights = array("f")
        self._changed: dict[int, Item] = {}
        self._languages: dict[str, int] = {ANY: 0}
        self._small: set[str] = set()

    def __enter__(self) -> Compilation:
        return self

    def __exit__(self, *_: object) -> None:
        self._lines.close()
        self._work.cleanup()

    def add(self, record: Record) -> int:
        """Adds an entity with all it is called, and what follows from that; returns its number."""
        number = self.entity(record)
        self.name(number, record)
        return number

    def name(self, number: int, record: Record) -> None:
        """Gives the entity of ``number`` the names of ``record``."""
        for language, name, kind in aliases(record):
            written = key(name)
            self.alias(number, written, language, kind)
            if _DOTS.search(written):
                self.alias(number, _DOTS.sub("", written), language, kind)
            titled = record.type == "PER" and language != ANY and " " in name and name[:1].islower()
            if titled or kind in ("adjective", "proper_adjective") or record.kind == "office":
                self.opens_small(language, written.split(" ")[0])
        if record.type == "PER" and record.weight >= NOTED:
            for name in sorted({name for listed in record.names.values() for name in listed}):
                folded = key(name)
                if " " in folded and CASED.match(name):
                    self.skeleton(number, folded)
        if record.weight >= (_SOUNDING if record.type == "LOC" else NOTED) and record.kind != "office":
            own = {name for name in record.names.get(ANY, ()) if key(name) == key(record.name)}
            for name in sorted({*own, *record.names.get("en", ())}):
                if CASED.match(name) and not name.isupper():
                    self.sounding(number, key(name), record.type)

    def entity(self, item: Item) -> int:
        """Adds an entity that is called nothing yet; returns its number."""
        number = len(self._weights)
        self._ends.append(self._ends[-1] + self._lines.write(_line(item)))
        self._weights.append(item.weight)
        self._ids.add(f"{item.id}\t0\t{number}".encode())
        if item.type == "ORG" and item.part_of and ":" in item.part_of:
            self._ids.add(f"gov:{item.part_of}\t1\t{number:010}".encode())
        return number

    def change(self, number: int, item: Item) -> None:
        """Puts ``item`` in the place of the entity of ``number``."""
        self._changed[number] = item

    def alias(self, number: int, folded: str, language: str, kind: AliasKind) -> None:
        """Adds a key (:func:`agents.entities.spelling.fold.key`) of an entity."""
        if folded:
            tag = self._languages.setdefault(language, len(self._languages)) * 8 + ALIAS_KINDS.index(kind)
            self._aliases.add(f"{folded}\t{number}\t{tag}".encode())

    def skeleton(self, number: int, folded: str) -> None:
        """Makes a person's full name (a key of it) findable in other spellings."""
        found = name_skeleton(folded)
        if found:
            self._skeletons.add(f"{found}\t{number}\t{folded}".encode())

    def sounding(self, number: int, folded: str, kind: EntityType) -> None:
        """Makes an entity findable by how its English name (a key of it) sounds, once a name has been recognised."""
        found = outline_key(folded.split(" "), kind)
        if found:
            self._skeletons.add(f"{found}\t{number}\t{folded}".encode())

    def opens_small(self, language: str, word: str) -> None:
        """Adds the first word of an adjective, an office or a title (``papa``), which may be written small."""
        if word:
            self._small.add(f"{language} {word}")

    def finish(self, common: Iterable[str], given: Iterable[str]) -> str:
        """Writes every file; returns the version.

        Args:
            common: ``language word``, folded: words too common to be a name on their own.
            given: given names, folded.
        """
        languages = [ANY, *sorted(set(self._languages) - {ANY})]
        place = {language: number for number, language in enumerate(languages)}
        renumbered = [place[language] for language in self._languages]
        aliases = self._write_aliases(renumbered)
        self._write_skeletons(aliases)
        _save(sorted(self._small), self._folder / "small.marisa")
        _save(sorted(set(common)), self._folder / "common.marisa")
        _save(sorted({*given, *spoken_names()} - {""}), self._folder / "given.marisa")
        self._write_ids()
        self._write_entities()
        self._told("checking", 0, 0)
        version = content_version(self._folder, languages)
        meta = {
            "format": FORMAT,
            "version": version,
            "entities": len(self._weights),
            "aliases": len(aliases),
            "languages": languages,
        }
        (self._folder / "meta.json").write_bytes(orjson.dumps(meta) + b"\n")
        return version

    def _write_aliases(self, renumbered: list[int]) -> marisa_trie.Trie:
        def pairs(lines: Iterable[bytes]) -> list[tuple[int, int]]:
            found = set()
            for line in lines:
                _, number, tag = line.split(b"\t")
                found.add((int(number), renumbered[int(tag) >> 3] * 8 + (int(tag) & 7)))
            return self._heaviest(found)

        def groups() -> Iterator[tuple[bytes, list[tuple[int, int]]]]:
            for folded, lines in groupby(self._aliases, _first):
                yield folded, pairs(lines)

        keys = Path(self._work.name) / "keys"
        trie = self._write_table("aliases", groups(), keys)
        with keys.open("rb") as file:
            firsts = (
                word.decode() for word, _ in groupby(line.rstrip(b"\n").split(b" ")[0] for line in file)
            )
            _save(firsts, self._folder / "first.marisa")
        return trie

    def _write_skeletons(self, aliases: marisa_trie.Trie) -> None:
        def pairs(lines: Iterable[bytes]) -> list[tuple[int, int]]:
            named = (line.split(b"\t") for line in lines)
            return self._heaviest({(int(number), aliases[folded.decode()]) for _, number, folded in named})

        groups = ((found, pairs(lines)) for found, lines in groupby(self._skeletons, _first))
        self._write_table("skeletons", groups, Path(self._work.name) / "skeleton-keys")

    def _heaviest(self, pairs: set[tuple[int, int]]) -> list[tuple[int, int]]:
        bearers = {number for number, _ in pairs}
        if len(bearers) > MOST_BEARERS:
            bearers = set(sorted(bearers, key=lambda number: (-self._weights[number], number))[:MOST_BEARERS])
        return sorted(pair for pair in pairs if pair[0] in bearers)

    def _write_table(
        self, name: str, groups: Iterable[tuple[bytes, list[tuple[int, int]]]], keys: Path
    ) -> marisa_trie.Trie:
        """Writes a trie and the pairs of each key in the order of the trie's numbers; keeps the keys in ``keys``."""
        flat = keys.with_suffix(".pairs")
        counts = array("I")
        with keys.open("wb") as listed, flat.open("wb", buffering=1 << 20) as written:
            for folded, pairs in groups:
                listed.write(folded + b"\n")
                array("I", [number for pair in pairs for number in pair]).tofile(written)
                counts.append(len(pairs))
                if not len(counts) % 50_000:
                    self._told(f"sorting {name}", len(counts), 0)
        self._told(f"writing {name}", 0, len(counts))
        with keys.open("rb") as file:
            trie = marisa_trie.Trie(line[:-1].decode() for line in file)
        trie.save(str(self._folder / f"{name}.marisa"))
        with keys.open("rb") as file:
            numbers = np.fromiter(
                (trie[line[:-1].decode()] for line in file), dtype=np.uint32, count=len(counts)
            )
        _write_postings(self._folder, name, flat, np.frombuffer(counts, dtype=np.uint32), numbers)
        return trie

    def _write_ids(self) -> None:
        def first() -> Iterator[tuple[str, int]]:
            for identifier, lines in groupby(self._ids, _first):
                yield identifier.decode(), int(next(lines).rpartition(b"\t")[2])

        trie = marisa_trie.Trie(identifier for identifier, _ in first())
        listed = np.zeros(len(trie), dtype="<u4")
        for identifier, number in first():
            listed[trie[identifier]] = number
        trie.save(str(self._folder / "ids.marisa"))
        listed.tofile(self._folder / "ids.u4")

    def _write_entities(self) -> None:
        self._lines.seek(0)
        sizes = array("Q", [0])
        with (self._folder / "entities.jsonl").open("wb", buffering=1 << 20) as file:
            for number, line in enumerate(self._lines):
                item = self._changed.get(number)
                sizes.append(file.write(line if item is None else _line(item)))
        np.cumsum(np.frombuffer(sizes, dtype=np.uint64)).astype("<u4").tofile(self._folder / "entities.u4")


def _line(item: Item) -> bytes:
    values = [getattr(item, name) for name in _FIELDS]
    values[4] = round(item.weight, 3)
    return orjson.dumps(values) + b"\n"


def _first(line: bytes) -> bytes:
    return line.split(b"\t", 1)[0]


def _save(words: Iterable[str], path: Path) -> None:
    marisa_trie.Trie(words).save(str(path))


def _write_postings(
    folder: Path, name: str, flat: Path, counts: NDArray[np.uint32], numbers: NDArray[np.uint32]
) -> None:
    """Puts the pairs of ``flat``, which lie in the order of the keys, in the order of the keys' numbers."""
    order = np.empty(len(numbers), dtype="<i8")
    order[numbers] = np.arange(len(numbers))
    sources = np.concatenate([[0], np.cumsum(counts, dtype="<i8")])
    starts = np.concatenate([[0], np.cumsum(counts[order], dtype="<i8")])
    starts.astype("<u4").tofile(folder / f"{name}.starts.u4")
    pairs = (
        np.memmap(flat, dtype=np.uint32, mode="r").reshape(-1, 2)
        if len(counts)
        else np.empty((0, 2), np.uint32)
    )
    with (folder / f"{name}.postings.u4").open("wb") as file:
        for at in range(0, len(order), _CHUNK):
            part = order[at : at + _CHUNK]
            sizes = counts[part].astype("<i8")
            begins = np.cumsum(sizes) - sizes
            index = np.repeat(sources[part] - begins, sizes) + np.arange(int(sizes.sum()))
            pairs[index].astype("<u4", copy=False).tofile(file)
