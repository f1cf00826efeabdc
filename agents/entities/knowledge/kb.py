"""The compiled knowledge base: a folder of files that are mapped into memory, so a worker loads it in no time.

    aliases.marisa    every key (:func:`agents.entities.spelling.fold.key`), a succinct trie
    first.marisa      the first word of each key
    small.marisa      ``language word``: the first word of each adjective and office, which may be written small
    skeletons.marisa  the skeleton of every person's full name; ``@TYPE`` and the outline of an English name
    common.marisa     ``language word``: words too common to be a name on their own
    given.marisa      given names
    ids.marisa        every id, and ``gov:US:mfa`` for an office that has an id of its own; ids.u4 says whose
    *.u4              numbers of 32 bits, the lowest byte first
    *.starts.u4       where the postings of key n begin
    *.postings.u4     pairs: entity number, then language number * 8 + alias kind (or alias number, for skeletons)
    entities.jsonl    one line for each entity; entities.u4 says where each begins
    meta.json         version, counts, languages

The version is the digest of the other files: the same records and packages give the same version.
"""

from __future__ import annotations

import hashlib
import mmap
import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence, Set
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

import marisa_trie
import orjson

from agents.entities.knowledge.records import ALIAS_KINDS, BELIEVED, AliasKind, Item
from agents.entities.spelling.inflection import KEPT

FOLDER = Path(__file__).parent / "kb"
FORMAT = 4
"""Raised when the files, the folded spelling or the outlines change: an older folder is refused and not misread."""
BEGINNINGS = 131_072
"""Beginnings of keys that are remembered: 1,000 articles in 119 languages ask for 54,000, the next for 37,000."""
REMEMBERED = 16_384
"""Words of which is remembered whether they are given names, or common: an article asks twice or more of each."""
SOUNDING = "@"
"""How the key begins under which a name is found by its outline; the type follows, then the outlines of its words."""
ONE_WORD = 4
"""Letters of the outline of one word that tell a name from ordinary words."""
FILES = (
    "aliases.marisa",
    "first.marisa",
    "small.marisa",
    "skeletons.marisa",
    "common.marisa",
    "given.marisa",
    "ids.marisa",
    "ids.u4",
    "aliases.starts.u4",
    "aliases.postings.u4",
    "skeletons.starts.u4",
    "skeletons.postings.u4",
    "entities.jsonl",
    "entities.u4",
)


class Posting(NamedTuple):
    """One alias of one entity; a tuple, since a frozen dataclass takes more than twice as long to make."""

    entity: int
    language: str
    kind: AliasKind


class Lexicon(Protocol):
    """What the linker asks of a knowledge base: the compiled one, or one with an operator's additions."""

    version: str

    def find(self, alias: str) -> Sequence[Posting]:
        """Returns the entities stored under a key."""

    def begins(self, prefix: str) -> bool:
        """Tells whether a key begins with ``prefix``."""

    def opens(self, word: str) -> bool:
        """Tells whether ``word`` is the first word of a key."""

    def small(self, language: str) -> frozenset[str]:
        """Returns the first words of adjectives and offices that may be written small in a text of ``language``."""

    def small_beginnings(self, language: str) -> frozenset[str]:
        """Returns the first :data:`~agents.entities.spelling.inflection.KEPT` letters of each of them."""

    def prefixes(self, text: str) -> Sequence[str]:
        """Returns the keys that ``text`` begins with."""

    def alike(self, skeleton: str) -> Sequence[tuple[int, str]]:
        """Returns the persons (entity number, key) whose name has this skeleton."""

    def follow(self, skeleton: str) -> Set[str]:
        """Returns the skeletons of the second words of the persons' names that begin with ``skeleton``."""

    def sounds(self, outline: str, persons: bool = True) -> tuple[str, ...]:
        """Returns the outlines of the second words of the English names that begin with ``outline``.

        Of persons, or of places and organisations.
        """

    def sounds_alone(self, outline: str) -> bool:
        """Tells whether ``outline`` begins with that of an English name of one word."""

    def common(self, word: str, language: str) -> bool:
        """Tells whether ``word`` is a common word of ``language``."""

    def given(self, word: str) -> bool:
        """Tells whether ``word`` is a given name."""

    def item(self, entity: int) -> Item:
        """Returns an entity by its number."""

    def by_id(self, identifier: str) -> Item | None:
        """Returns an entity by its id."""

    def settle(self, item: Item) -> Item:
        """Returns the entity that ``item`` proved to be; itself where nobody merged it into another."""


class Compiled:
    """The knowledge base in ``folder``, mapped into memory."""

    def __init__(self, folder: Path = FOLDER) -> None:
        """Maps the files.

        Raises:
            ValueError: ``folder`` holds no knowledge base, or one of another format.
        """
        meta = described(folder)
        self.version: str = meta["version"]
        self.languages: list[str] = meta["languages"]
        self._aliases = marisa_trie.Trie().mmap(str(folder / "aliases.marisa"))
        self._first = marisa_trie.Trie().mmap(str(folder / "first.marisa"))
        self._small = marisa_trie.Trie().mmap(str(folder / "small.marisa"))
        self._skeletons = marisa_trie.Trie().mmap(str(folder / "skeletons.marisa"))
        self._common = marisa_trie.Trie().mmap(str(folder / "common.marisa"))
        self._given = marisa_trie.Trie().mmap(str(folder / "given.marisa"))
        self._ids = marisa_trie.Trie().mmap(str(folder / "ids.marisa"))
        self._id_numbers = _numbers(folder / "ids.u4")
        self._alias_postings = _Table(folder, "aliases")
        self._skeleton_postings = _Table(folder, "skeletons")
        self._lines = _numbers(folder / "entities.u4")
        self._text = _mapped(folder / "entities.jsonl")
        self.item = lru_cache(32768)(self._item)
        self.begins = lru_cache(BEGINNINGS)(self._begins)
        self.opens = self._first.__contains__
        self.given = lru_cache(REMEMBERED)(self._given.__contains__)
        self.common = lru_cache(REMEMBERED)(self._is_common)
        self.small = lru_cache(512)(self._small_words)
        self.small_beginnings = lru_cache(512)(self._small_beginnings)

    def __len__(self) -> int:
        return len(self._lines) - 1

    def aliases(self) -> Iterable[str]:
        """Yields every key."""
        yield from self._aliases.iterkeys()

    def full_names(self) -> Iterable[tuple[int, str]]:
        """Yields entity number and key of every name that has a skeleton."""
        for number in range(len(self._skeletons)):
            if not self._skeletons.restore_key(number).startswith(SOUNDING):
                for entity, alias in self._skeleton_postings[number]:
                    yield entity, self._aliases.restore_key(alias)

    def sounding_names(self) -> Iterable[tuple[int, str]]:
        """Yields entity number and key of every name that is found by its outline."""
        for skeleton in self._skeletons.iterkeys(SOUNDING):
            yield from self.alike(skeleton)

    def words(self, table: Literal["small", "common", "given"]) -> Iterable[str]:
        """Yields the words of one of the lists."""
        yield from {"small": self._small, "common": self._common, "given": self._given}[table].iterkeys()

    def number(self, identifier: str) -> int | None:
        """Returns the number of an entity."""
        found = self._ids.get(identifier)
        return None if found is None else self._id_numbers[found]

    def find(self, alias: str) -> Sequence[Posting]:
        """Returns the entities stored under a key."""
        number = self._aliases.get(alias)
        if number is None:
            return ()
        languages = self.languages
        return [
            Posting(entity, languages[tag >> 3], ALIAS_KINDS[tag & 7])
            for entity, tag in self._alias_postings[number]
        ]

    def prefixes(self, text: str) -> Sequence[str]:
        """Returns the keys that ``text`` begins with, shortest first."""
        found: list[str] = self._aliases.prefixes(text)
        return found

    def alike(self, skeleton: str) -> Sequence[tuple[int, str]]:
        """Returns the persons (entity number, key) whose name has this skeleton."""
        number = self._skeletons.get(skeleton)
        if number is None:
            return ()
        return [
            (entity, self._aliases.restore_key(alias)) for entity, alias in self._skeleton_postings[number]
        ]

    def follow(self, skeleton: str) -> Set[str]:
        """Returns the skeletons of the second words of the persons' names that begin with ``skeleton``."""
        return self._following.get(skeleton, frozenset())

    def sounds(self, outline: str, persons: bool = True) -> tuple[str, ...]:
        """Returns the outlines of the second words of the English names that begin with ``outline``.

        Of persons, or of places and organisations.
        """
        return self._sounding[persons].get(outline, ())

    def sounds_alone(self, outline: str) -> bool:
        """Tells whether ``outline`` begins with that of an English name of one word.

        Of a long outline only its first letters are compared.
        """
        return outline[:ONE_WORD] in self._alone or outline[: ONE_WORD + 1] in self._alone

    @cached_property
    def _following(self) -> dict[str, set[str]]:
        """Skeletons of names' second words by that of their first; gathered when a text first asks for them."""
        return following(one for one in self._skeletons.iterkeys() if not one.startswith(SOUNDING))

    @cached_property
    def _sounding(self) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
        """Outlines of names' second words by that of their first: of others, of persons.

        Gathered when a text first asks for them.
        """
        found: tuple[dict[str, dict[str, None]], dict[str, dict[str, None]]] = {}, {}
        for kind, first, *rest in self._outlines():
            if rest:
                found[kind == SOUNDING + "PER"].setdefault(first, {})[rest[0]] = None
        others, persons = ({first: tuple(rest) for first, rest in listed.items()} for listed in found)
        return others, persons

    @cached_property
    def _alone(self) -> frozenset[str]:
        """The outlines of names of one word, cut off; gathered when a text first asks for them."""
        alone = (found[1] for found in self._outlines() if len(found) == 2)
        return frozenset(one[: ONE_WORD + 1] for one in alone if len(one) >= ONE_WORD)

    def _outlines(self) -> Iterator[list[str]]:
        """Yields the type of every name that is found by its outline, and the outlines of its words."""
        return (found.split(" ") for found in self._skeletons.iterkeys(SOUNDING))

    def by_id(self, identifier: str) -> Item | None:
        """Returns an entity by its id."""
        number = self.number(identifier)
        return None if number is None else self.item(number)

    def settle(self, item: Item) -> Item:
        """Returns ``item``: what is compiled has no redirects."""
        return item

    def _is_common(self, word: str, language: str) -> bool:
        return f"{language} {word}" in self._common

    def _small_words(self, language: str) -> frozenset[str]:
        return self._small_anywhere.union(self._small_in(language))

    def _small_beginnings(self, language: str) -> frozenset[str]:
        return frozenset([word[:KEPT] for word in self.small(language)])

    @cached_property
    def _small_anywhere(self) -> frozenset[str]:
        return frozenset(word for language in BELIEVED for word in self._small_in(language))

    def _small_in(self, language: str) -> list[str]:
        opening = f"{language} "
        return [entry[len(opening) :] for entry in self._small.keys(opening)]

    def _begins(self, prefix: str) -> bool:
        trie = self._aliases if " " in prefix else self._first  # less deep: 1.0 and not 1.4 µs
        return next(trie.iterkeys(prefix), None) is not None

    def _item(self, entity: int) -> Item:
        return Item(*orjson.loads(self._text[self._lines[entity] : self._lines[entity + 1]]))


def following(skeletons: Iterable[str]) -> dict[str, set[str]]:
    """Returns the second words of skeletons by their first."""
    found: dict[str, set[str]] = {}
    for skeleton in skeletons:
        first, second = skeleton.split(" ")[:2]
        found.setdefault(first, set()).add(second)
    return found


class _Table:
    """Pairs of numbers for each key of a trie."""

    def __init__(self, folder: Path, name: str) -> None:
        self._starts = _numbers(folder / f"{name}.starts.u4")
        self._pairs = _numbers(folder / f"{name}.postings.u4")

    def __getitem__(self, number: int) -> list[tuple[int, int]]:
        starts = self._starts
        flat = self._pairs[2 * starts[number] : 2 * starts[number + 1]].tolist()
        return list(zip(flat[::2], flat[1::2], strict=True))


def _mapped(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _numbers(path: Path, machine: Literal["little", "big"] = sys.byteorder) -> memoryview[int]:
    """Maps a file of numbers of 32 bits; a view gives one in a tenth of the time that an array does.

    The files are little-endian: a machine that is not reads them into memory and turns them round.
    """
    if machine == "little":
        return memoryview(_mapped(path)).cast("I")
    turned = array("I", path.read_bytes())
    turned.byteswap()
    return memoryview(turned)


def described(folder: Path) -> dict[str, Any]:
    """Returns what ``meta.json`` says of the knowledge base in ``folder``.

    Raises:
        ValueError: there is none, or it is of another format.
    """
    try:
        meta: dict[str, Any] = orjson.loads((folder / "meta.json").read_bytes())
        found = meta.get("format")
    except (OSError, ValueError, AttributeError) as error:
        raise ValueError(
            f"expected a compiled knowledge base in {folder}, but its meta.json: {error}"
        ) from error
    missing = [name for name in FILES if not (folder / name).is_file()]
    if found != FORMAT or missing:
        what = f"without {', '.join(missing)}" if missing else f"of format {found}"
        raise ValueError(
            f"expected a knowledge base of format {FORMAT} in {folder}, found one {what}: compile it anew"
        )
    return meta


def content_version(folder: Path, languages: Sequence[str]) -> str:
    """Returns the digest of the compiled files: 16 hex digits of SHA-256."""
    state = hashlib.sha256("\n".join(languages).encode())
    for name in FILES:
        with (folder / name).open("rb") as file:
            state.update(hashlib.file_digest(file, "sha256").digest())
    return state.hexdigest()[:16]
