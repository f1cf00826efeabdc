"""Lines that repeat within a source: what the stage knows of them, from a file that it reads when it starts.

``babelwire learn`` counts the lines of the stream and writes the file. While a stage runs its knowledge does not
change, so its result stays a function of the article and of what it loaded; and what it knows of a source has a
version, which is part of the ids of that source's events (decision 0005).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from agents.clean.counts import Counts, LineCount, SourceCounts, from_bytes, line_key
from schemas.errors import SettingsError
from schemas.ids import digest

_OFTEN = (5, 0.1)
"""Articles, and their share of all since the line was first seen, from which a fragment is taken to repeat."""
_MOSTLY = (20, 0.5)
"""The same for a full sentence: background sentences repeat too, but not in half of all that a source writes."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """The lines that repeat within one source."""

    often: frozenset[str]
    mostly: frozenset[str]
    """Those of ``often`` that stand in at least half of the articles."""
    version: str
    """Differs whenever the lines do."""

    def knows(self, words: Sequence[str], *, sentence: bool) -> bool:
        """Whether the line of these folded words repeats often enough to be taken out."""
        return line_key(words) in (self.mostly if sentence else self.often)


def load_repeated(path: Path | None) -> Mapping[str, Repeated]:
    """Returns what is known of each source; nothing where no file is given.

    Raises:
        SettingsError: there is no such file, or it is of another kind.
    """
    if path is None:
        return {}
    return decided(read_counts(path))


def read_counts(path: Path) -> Counts:
    """Reads a file of counts.

    Raises:
        SettingsError: there is no such file, or it is of another kind.
    """
    try:
        return from_bytes(path.read_bytes())
    except (OSError, msgspec.DecodeError) as error:
        raise SettingsError(
            f"Expected a file made by `babelwire learn` at {str(path)!r} (repeated_lines): {error}."
        ) from None


def decided(counts: Counts) -> dict[str, Repeated]:
    """Returns, for each source that has any, the lines that are taken to repeat."""
    found = {name: _of(source) for name, source in counts.sources.items()}
    return {name: known for name, known in found.items() if known.often}


def _of(source: SourceCounts) -> Repeated:
    def reach(bounds: tuple[int, float]) -> frozenset[str]:
        return frozenset(key for key, count in source.lines.items() if _reaches(count, source, *bounds))

    often, mostly = reach(_OFTEN), reach(_MOSTLY)
    return Repeated(often, mostly, digest(*sorted(often), "", *sorted(mostly))[:16])


def _reaches(count: LineCount, source: SourceCounts, fewest: int, share: float) -> bool:
    since = source.articles - count.first + 1
    return count.articles >= fewest and count.articles >= share * since
