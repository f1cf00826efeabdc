"""What ``babelwire entities`` does: reads the topic of additions, drafts, reviews and writes.

A record holds everything that was added about one entity, so a change is: read, change, write. Two operators who
change one entity within the same second overwrite each other; `ls` shows what counts.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias

from anyascii import anyascii

from agents.entities.knowledge.additions import is_made_up
from agents.entities.knowledge.kb import FOLDER, Compiled, Lexicon
from agents.entities.knowledge.records import ANY, Item
from agents.entities.knowledge.review import Review
from agents.entities.spelling.fold import key, words
from schemas import codec
from schemas.additions import Addition
from schemas.errors import BabelwireError, BadInput
from schemas.topics import ENTITIES
from streams.broker import kafka, layout, sending
from streams.broker.records import Progress
from streams.knowledge.book import Book
from streams.settings import Settings

_BATCH = 500
"""Records that are sent before their confirmations are waited for."""
_JOINERS = "\u200c\u200d"

Status: TypeAlias = Literal["added", "changed", "unchanged", "removed", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What becomes of one change."""

    id: str
    status: Status
    addition: Addition | None
    """What the topic says afterwards; None where it says nothing (any more)."""
    before: Addition | None = None
    """What it said until now, so that a change can be undone."""
    objections: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    line: int | None = None
    """Line of the file it came from."""


class Desk:
    """The additions there are, and the knowledge base they are for."""

    def __init__(self, book: Book, base: Lexicon) -> None:
        self.book = book
        self.base = base
        self.lexicon = Review(base, book.additions).lexicon

    @classmethod
    async def open(cls, settings: Settings, progress: Progress | None = None) -> Desk:
        """Reads the topic and loads the knowledge base; raises :class:`BrokerError` when it cannot be read."""
        folder = FOLDER if settings.knowledge_base is None else Path(settings.knowledge_base)
        return cls(await Book.read(settings, progress), Compiled(folder))

    def entity(self, identifier: str) -> Item:
        """Returns a known entity as it is without redirects.

        Raises:
            BabelwireError: nothing is known under this id; the text names what is meant perhaps.
        """
        found = self.base.by_id(identifier)
        addition = self.book.additions.get(identifier)
        if found is None and addition is not None:
            unmerged = replace(addition, merged_into=None)
            found = Review(self.base, {identifier: unmerged}).lexicon.by_id(identifier)
        if found is None:
            raise BabelwireError(
                f"Expected the id of an entity, got {identifier!r}.{self._meant(identifier)}"
            )
        return found

    def named(self, name: str) -> list[Item]:
        """Returns the entities that are called ``name``, those news means most often first."""
        found = {
            item.id: item
            for posting in self.lexicon.find(key(name))
            for item in [self.lexicon.item(posting.entity)]
        }
        return sorted(found.values(), key=lambda item: (-item.weight, item.id))

    def add(self, addition: Addition) -> Addition:
        """Returns an addition of an entity that is new; raises :class:`BabelwireError` where it is known."""
        if self.base.by_id(addition.id) or addition.id in self.book.additions:
            item = self.entity(addition.id)
            raise BabelwireError(
                f"Expected a new id, but {addition.id} is {item.name} already. `babelwire entities alias` gives it "
                "another name, --id an id of your choice."
            )
        return addition

    def redirects(self, addition: Addition) -> dict[str, Addition]:
        """Returns the merges of the provisional ids of a new entity into it, by id; those merged before stay so."""
        return {
            was: Addition(id=was, type=addition.type, name=addition.name, merged_into=addition.id)
            for was in Review(self.base, self.book.additions).former(addition)
            if was not in self.book.additions
        }

    def alias(self, identifier: str, names: Iterable[str], language: str) -> Addition:
        """Returns what is added about a known entity, with more names.

        A name that it has in every language already stays so: named for one, its own would be lost to the others.
        """
        before = self._record(identifier)
        every = set(before.names.get(ANY, ()))
        if self.base.by_id(before.id) is None and not any(
            before.name in listed for listed in before.names.values()
        ):
            every.add(before.name)
        fresh = [name for name in names if name not in every]
        if not fresh:
            return before
        listed = tuple(dict.fromkeys((*before.names.get(language, ()), *fresh)))
        return replace(before, names={**before.names, language: listed})

    def merge(self, identifier: str, target: str) -> Addition:
        """Returns what is added about an entity that proved to be another."""
        try:
            before = self._record(identifier)
        except BabelwireError:
            if not is_made_up(identifier):
                raise
            theirs = self.lexicon.by_id(target)
            name = theirs.name if theirs else identifier
            before = Addition(id=identifier, type=_type(theirs), name=name)
        found = self.base.by_id(target)
        return replace(before, merged_into=found.id if found else target)

    def withdraw(
        self,
        identifiers: Iterable[str],
        names: Sequence[str] = (),
        language: str | None = None,
        *,
        merge: bool = False,
    ) -> dict[str, Verdict]:
        """Says what becomes of the entities about which additions are taken back, and of those merged into them.

        Where nothing is left of an entity, what was merged into it goes back to what it was: a provisional id
        names whom it named, an entity of operators stands for itself again.

        Args:
            identifiers: the entities.
            names: take back only these names, ``language`` alone where it is given.
            language: a tag, as the name was added with it.
            merge: take back only that they were merged into others.

        Raises:
            BabelwireError: nothing, none of these names, or no merge was added.
        """
        left = {identifier: self._left(identifier, names, language, merge) for identifier in identifiers}
        verdicts = {identifier: self._withdrawn(identifier, rest) for identifier, rest in left.items()}
        for identifier, rest in left.items():
            joined = [one for one in self.book if one.merged_into == identifier and one.id not in left]
            if rest is not None or not joined:
                continue
            if self.base.by_id(identifier) is not None:
                remark = (
                    f"still merged into it: {', '.join(one.id for one in joined)} (`rm --merge` parts them)"
                )
                verdicts[identifier] = replace(verdicts[identifier], remarks=(remark,))
                continue
            for one in joined:
                remark = f"{one.id} was merged into {identifier}, and is no longer"
                verdicts[one.id] = replace(
                    self._withdrawn(one.id, self._without_merge(one)), remarks=(remark,)
                )
        return verdicts

    def _withdrawn(self, identifier: str, rest: Addition | None) -> Verdict:
        return Verdict(
            id=identifier,
            status="removed" if rest is None else "changed",
            addition=rest,
            before=self.book.additions[identifier],
        )

    def _left(
        self, identifier: str, names: Sequence[str], language: str | None, merge: bool
    ) -> Addition | None:
        """Returns what is left about one entity; None where nothing is."""
        before = self.book.additions.get(identifier)
        if before is None:
            raise BabelwireError(
                f"Expected an entity that operators added to, got {identifier!r}: `babelwire entities ls` lists them."
            )
        if merge:
            if before.merged_into is None:
                raise BabelwireError(f"Expected an entity that was merged into another, got {identifier!r}.")
            return self._without_merge(before)
        if not names:
            return None
        known = {name for tag, listed in before.names.items() if language in (None, tag) for name in listed}
        if missing := [name for name in names if name not in known]:
            where = "" if language is None else f" for {language}"
            raise BabelwireError(
                f"Expected a name that was added{where}, got {missing[0]!r}: "
                f"{identifier} has {', '.join(sorted(known)) or 'none'}."
            )
        kept = {
            tag: tuple(name for name in listed if name not in names or language not in (None, tag))
            for tag, listed in before.names.items()
        }
        return self._said(replace(before, names={tag: listed for tag, listed in kept.items() if listed}))

    def _without_merge(self, addition: Addition) -> Addition | None:
        return self._said(replace(addition, merged_into=None))

    def _said(self, addition: Addition) -> Addition | None:
        """Returns an addition that says something; None for one that says nothing."""
        own = self.base.by_id(addition.id) is None and not is_made_up(addition.id)
        return addition if own or addition.names or addition.merged_into else None

    def review(self, changes: Mapping[str, Addition]) -> dict[str, Verdict]:
        """Says what becomes of each change, by id, all of them being made together."""
        refused = {one.id: wrong for one in changes.values() if (wrong := _misfits(one))}
        while True:
            kept = {identifier: one for identifier, one in changes.items() if identifier not in refused}
            review = Review(self.base, {**self.book.additions, **kept})
            found = {identifier: tuple(review.objections(one)) for identifier, one in kept.items()}
            fresh = {identifier: texts for identifier, texts in found.items() if texts}
            if not fresh:
                break
            refused |= fresh
        return {
            identifier: Verdict(
                id=identifier,
                status="refused" if identifier in refused else self._status(one),
                addition=one,
                before=self.book.additions.get(identifier),
                objections=refused.get(identifier, ()),
                remarks=() if identifier in refused else (*review.remarks(one), *self._moved(one)),
            )
            for identifier, one in changes.items()
        }

    def _moved(self, addition: Addition) -> Iterator[str]:
        """Yields that a merge takes the place of another."""
        before = self.book.additions.get(addition.id)
        was = before.merged_into if before else None
        if was is not None and addition.merged_into != was:
            yield f"until now {addition.id} was merged into {was}"

    def _status(self, addition: Addition) -> Status:
        before = self.book.additions.get(addition.id)
        return "added" if before is None else "unchanged" if before == addition else "changed"

    def _record(self, identifier: str) -> Addition:
        """Returns what was added about an entity so far: of one that is only known, its id, type and name."""
        before = self.book.additions.get(identifier)
        if before is not None:
            return before
        item = self.entity(identifier)
        return self.book.additions.get(item.id) or Addition(id=item.id, type=_type(item), name=item.name)

    def _meant(self, identifier: str) -> str:
        found = self.named(identifier)
        if found:
            return f" Did you mean {', '.join(f'{item.id} ({item.name})' for item in found[:3])}?"
        return " `babelwire entities add` adds one; `babelwire entities show NAME` looks a name up."


def as_typed(name: str) -> str:
    """Returns a pasted name without what nobody sees: controls, marks of direction, runs of blanks; in NFC.

    It would stand in every event. The joiners of Persian and of scripts of India (U+200C, U+200D) are letters' own.
    """
    seen = (
        one for one in unicodedata.normalize("NFC", name)
        if one.isspace() or one in _JOINERS or unicodedata.category(one) not in ("Cc", "Cf")
    )  # fmt: skip
    return " ".join("".join(seen).split())


def own_id(name: str) -> str:
    """Returns an id for an entity of one's own: ``cur:`` and its name in the letters a to z.

    Raises:
        BabelwireError: nothing is left of the name.
    """
    slug = "-".join(words(anyascii(name)))
    if not slug:
        raise BabelwireError(f"Expected a name that an id can be made of, got {name!r}: give one with --id.")
    return f"cur:{slug}"


async def write(
    settings: Settings, changes: Mapping[str, Addition | None], progress: Progress | None = None
) -> None:
    """Writes the records and waits until the broker has each; None takes back what was added about an entity.

    Raises:
        BrokerError: a record was not taken; those before it were.
    """
    topic = settings.topic(ENTITIES.name)
    await layout.existing(settings, [topic])
    listed = list(changes.items())
    async with kafka.producer(settings) as producer:
        for at in range(0, len(listed), _BATCH):
            sends = [
                {"topic": topic, "key": identifier.encode(), "value": one and codec.encode(one)}
                for identifier, one in listed[at : at + _BATCH]
            ]
            for placed in await sending.send(settings, producer, sends):
                if isinstance(placed, Exception):
                    raise placed
            if progress is not None:
                progress(min(at + _BATCH, len(listed)), len(listed))


def _type(item: Item | None) -> Literal["PER", "ORG", "LOC", "MISC"]:
    return "MISC" if item is None or item.type == "NORP" else item.type


def _misfits(addition: Addition) -> tuple[str, ...]:
    """Returns what a reader of the topic would refuse: what a command line gives is not checked yet."""
    try:
        codec.decode(codec.encode(addition), Addition)
    except BadInput as error:
        return (error.detail,)
    except TypeError:  # orjson's: a lone surrogate, which a command line can hold and UTF-8 cannot
        return ("expected text that is valid UTF-8",)
    return ()
