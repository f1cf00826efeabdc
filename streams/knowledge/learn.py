"""Learns which lines repeat within each source, from the articles that `clean` published.

A run goes on where the last one stopped, and the positions stand in the same file as the counts, so an article
counts once however often a run is broken off. The workers do not see a file change under them: they read it when
they start (decision 0005).
"""

from __future__ import annotations

import os
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

from agents.clean.counts import Counts, to_bytes
from agents.clean.repeated import decided, read_counts
from agents.pipeline import hops
from schemas.article import CleanArticle
from schemas.codec import decode
from schemas.errors import BadInput
from streams.broker import records
from streams.broker.records import Progress
from streams.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What a run did, and what is known after it."""

    topic: str
    read: int
    """Articles read by this run."""
    sources: int
    """Sources that have lines which repeat."""
    lines: int
    """Lines which repeat, of all sources."""


async def learn(settings: Settings, path: Path, *, progress: Progress | None = None) -> Learnt:
    """Counts the lines of every article since the last run into the file at ``path``.

    Reads the topic of the first hop: every event from ``clean`` on holds the cleaned text.

    Raises:
        SettingsError: there is a file at ``path``, and it is of another kind.
        BrokerError: the topic cannot be read; the file stays as it was.
    """
    counts = _so_far(path)
    topic = settings.topic(hops(settings.topology)[0].output.name)
    start = {
        (name, number): at
        if first <= (at := counts.positions.get(f"{name}/{number}", first)) <= end
        else first
        for (name, number), (first, end) in (await records.spans(settings, [topic])).items()
    }
    read = 0
    async with aclosing(records.scan(settings, [topic], start=start, progress=progress)) as found:
        async for record in found:
            counts.positions[f"{record.topic}/{record.partition}"] = record.offset + 1
            try:
                counts.add(decode(record.value or b"", CleanArticle))
            except BadInput:  # not ours: anyone may write to a topic
                continue
            read += 1
    _write(path, to_bytes(counts))
    known = decided(counts)
    return Learnt(
        topic=topic, read=read, sources=len(known), lines=sum(len(source.often) for source in known.values())
    )


def _so_far(path: Path) -> Counts:
    return read_counts(path) if path.exists() else Counts()


def _write(path: Path, data: bytes) -> None:
    """Replaces the file in one step: a reader sees the old one or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    with fresh.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
