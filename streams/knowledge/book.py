"""Reads the topic of operators' additions: the last addition of each entity, as every reader of it must see them.

Commands import it, and metrics and logs take a quarter of a second to load: it knows neither.
"""

from __future__ import annotations

from collections.abc import Iterator

from schemas import codec
from schemas.additions import Addition
from schemas.errors import BadInput, RejectReason
from schemas.topics import ENTITIES
from streams.broker import records
from streams.broker.records import Progress, Record
from streams.settings import Settings


class Book:
    """What the topic says: the last addition of each entity, and the records that are none."""

    def __init__(self) -> None:
        self.additions: dict[str, Addition] = {}
        self.stamps: dict[str, int] = {}
        """When each was written, milliseconds since 1970."""
        self.refused: list[tuple[Record, BadInput]] = []

    @classmethod
    async def read(cls, settings: Settings, progress: Progress | None = None) -> Book:
        """Reads the topic from its beginning to its end as it is now.

        Raises:
            BrokerError: the broker is away, the topic is missing, or we may not read it.
        """
        book = cls()
        async for record in records.scan(settings, [settings.topic(ENTITIES.name)], progress=progress):
            book.take(record)
        return book

    def take(self, record: Record) -> BadInput | None:
        """Takes one record in; returns what is wrong with it, if it is no addition."""
        try:
            addition = _decoded(record)
        except BadInput as error:
            self.refused.append((record, error))
            return error
        if addition is None:
            self.additions.pop(record.key_text, None)
            self.stamps.pop(record.key_text, None)
        else:
            self.additions[addition.id] = addition
            self.stamps[addition.id] = record.timestamp
        return None

    def __iter__(self) -> Iterator[Addition]:
        """Yields the additions in the order of their ids."""
        return (self.additions[identifier] for identifier in sorted(self.additions))


def _decoded(record: Record) -> Addition | None:
    """Returns the addition a record holds; None where it takes back what was added.

    Raises:
        BadInput: the record is no addition.
    """
    if record.value is None:
        return None
    addition = codec.decode(record.value, Addition)
    if addition.id != record.key_text:
        raise BadInput(
            RejectReason.INVALID_FIELD,
            f"Expected the entity's id as the record's key, got {record.key_text!r} for {addition.id!r}.",
        )
    return addition
