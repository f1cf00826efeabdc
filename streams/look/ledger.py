"""The books of an audit: what was received, and what became of it, by input position.

Pure and small: per input offset one byte of flags, one byte that says which outcome, four bytes that say which
record lies there, and four of digest for each topic that answers it. A million articles through three hops take
about 30 MB; a replay adds eight bytes for each input of the partitions its copies lie on.

Inputs are booked before the outcomes that answer them; copies may come at any time.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import xxhash

from schemas.outcomes import OutcomeName, Position
from streams.broker.layout import Partition

_KIND: dict[OutcomeName, int] = {"published": 1, "dropped": 2, "rejected": 4}
_KINDS = 7
_RECEIVED = 8
_OLD = 16
_DIFFERENT = 32
_OTHER_VERSION = 64
_REPLAYED = 128
_MAX_CODES = 255
_UNKNOWN = 0
_OFFSET_BITS = 40
"""Bits for where on its partition an original lies, of 64; the others hold the partition's number."""
_TWO_KINDS = np.array([bin(flags & _KINDS).count("1") > 1 for flags in range(256)])


@dataclass(frozen=True, slots=True)
class Ending:
    """One way to end: at a stage for a reason, or published to a topic."""

    outcome: OutcomeName
    where: str
    """The stage that dropped or rejected; the full name of the topic published to."""
    reason: str = ""


@dataclass(slots=True, kw_only=True)
class Balance:
    """The balance of one input topic: ``received`` is the sum of the endings and of the next five."""

    received: int = 0
    endings: Counter[Ending] = field(default_factory=Counter)
    in_flight: int = 0
    """No outcome yet, and not committed either."""
    stranded: int = 0
    """No outcome, not committed, and no hop of this topology reads the topic."""
    expired: int = 0
    """No outcome found, but received longer ago than the outcomes are kept."""
    missing: int = 0
    """Committed without an outcome: lost."""
    replayed: int = 0
    """No outcome of its own (any more), but a copy of it that a replay made has one."""
    conflicting: int = 0
    """More than one kind of outcome, or copies of one outcome that differ."""
    other_version: int = 0
    """Answered again by another version of the stages: copies differ, and are meant to."""
    redelivered: int = 0
    """Copies of outcomes beyond the first: what at-least-once costs."""
    earlier_topic: int = 0
    """Outcomes of other records, that lay at these positions on an earlier topic of this name."""


def identity(*parts: object) -> int:
    """Returns four bytes that tell a record from another one at the same position; never 0, which is "unknown"."""
    return xxhash.xxh32_intdigest("\0".join(map(str, parts)).encode()) or 1


class Ledger:
    """Books inputs and outcomes, and draws the balance."""

    def __init__(self, spans: Mapping[Partition, tuple[int, int]]) -> None:
        """``spans`` gives the first offset and the end of each input partition."""
        self._spans = dict(spans)
        self._flags = {partition: bytearray(end - first) for partition, (first, end) in spans.items()}
        self._codes = {partition: bytearray(end - first) for partition, (first, end) in spans.items()}
        self._records = {
            partition: array("I", bytes(4 * (end - first))) for partition, (first, end) in spans.items()
        }
        self._originals: dict[Partition, array[int]] = {}
        self._digests: dict[tuple[Partition, str], array[int]] = {}
        self._endings = [Ending(outcome, "", "other") for outcome in _KIND]
        self._code_of = {ending: code for code, ending in enumerate(self._endings)}
        self._redelivered: Counter[str] = Counter()
        self._earlier: Counter[str] = Counter()

    def received(self, position: Position, *, record: int = _UNKNOWN, old: bool = False) -> None:
        """Books an input; ``record`` is its :func:`identity`, ``old`` when its outcome need not be kept any more."""
        index = self._index(position)
        if index is not None:
            partition = (position.topic, position.partition)
            self._flags[partition][index] |= _RECEIVED | (_OLD if old else 0)
            self._records[partition][index] = record

    def replayed(self, original: Position, copy: Position) -> None:
        """Books that ``copy`` was made from ``original``, on the same topic: its outcome is the original's too."""
        index, there = self._index(copy), self._index(original)
        if index is None or there is None or original.topic != copy.topic:
            return
        partition = (copy.topic, copy.partition)
        originals = self._originals.get(partition)
        if originals is None:
            originals = self._originals[partition] = array("q", [-1]) * len(self._flags[partition])
        originals[index] = original.partition << _OFFSET_BITS | there

    def is_of(self, position: Position, record: int) -> bool:
        """Says whether the input at ``position`` may be the one with this :func:`identity`."""
        index = self._index(position)
        if index is None:
            return False
        here = self._records[position.topic, position.partition][index]
        return _UNKNOWN in (here, record) or here == record

    def answered(
        self,
        position: Position,
        ending: Ending,
        topic: str,
        content: Iterable[bytes],
        *,
        record: int = _UNKNOWN,
    ) -> None:
        """Books an outcome of the input at ``position``; inputs that were not booked have none.

        Args:
            position: the input's.
            ending: how it ended.
            topic: the topic that says so: copies on one topic must be equal.
            content: what must be equal in copies (the event's id, the value).
            record: the :func:`identity` of the input it answers, as far as the outcome tells.
        """
        index = self._index(position)
        partition = (position.topic, position.partition)
        if index is None or not self._flags[partition][index] & _RECEIVED:
            return
        if not self.is_of(position, record):
            self._earlier[position.topic] += 1
            return
        digests = self._digests.get((partition, topic))
        if digests is None:
            digests = self._digests[partition, topic] = array("I", bytes(4 * len(self._flags[partition])))
        state = xxhash.xxh32()
        for part in content:
            state.update(len(part).to_bytes(8, "little"))
            state.update(part)
        digest = state.intdigest() or 1  # 0 is "none yet"
        flags = self._flags[partition]
        if digests[index]:
            self._redelivered[position.topic] += 1
            if digests[index] != digest:
                flags[index] |= _DIFFERENT
        else:
            digests[index] = digest
        if not flags[index] & _KINDS:
            self._codes[partition][index] = self._code(ending)
        flags[index] |= _KIND[ending.outcome]

    def differing(self, most: int) -> list[Position]:
        """Returns the first ``most`` inputs that have copies of one outcome that differ."""
        found: list[Position] = []
        for (topic, number), flags in sorted(self._flags.items()):
            here = np.flatnonzero(np.frombuffer(flags, dtype=np.uint8) & _DIFFERENT)[: most - len(found)]
            first = self._spans[topic, number][0]
            found += [
                Position(topic=topic, partition=number, offset=first + index) for index in here.tolist()
            ]
        return found

    def excuse(self, position: Position) -> None:
        """Books the differing copies of an outcome as the work of another version."""
        index = self._index(position)
        if index is not None:
            flags = self._flags[position.topic, position.partition]
            flags[index] = flags[index] & ~_DIFFERENT | _OTHER_VERSION

    def balance(
        self, topic: str, committed: Mapping[Partition, int], *, read: bool, examples: int
    ) -> tuple[Balance, list[Position], list[Position]]:
        """Draws the balance of one input topic.

        Args:
            topic: its full name.
            committed: the worker group's committed offsets, read before the first outcome was.
            read: whether a hop of the topology reads this topic.
            examples: how many positions to name.

        Returns:
            The balance, and the first positions that are missing and that are conflicting.
        """
        result = Balance(redelivered=self._redelivered[topic], earlier_topic=self._earlier[topic])
        self._credit_originals(topic)
        missing: list[Position] = []
        conflicting: list[Position] = []
        for partition, (first, _) in sorted(self._spans.items()):
            if partition[0] != topic:
                continue
            flags = np.frombuffer(self._flags[partition], dtype=np.uint8)
            codes = np.frombuffer(self._codes[partition], dtype=np.uint8)
            here = (flags & _RECEIVED) != 0
            ended = here & ((flags & _KINDS) != 0)
            open_ = here & ~ended
            done = np.arange(len(flags)) < committed.get(partition, 0) - first
            again = open_ & done & ((flags & _REPLAYED) != 0)
            lost = open_ & done & ~again & ((flags & _OLD) == 0)
            clash = here & (_TWO_KINDS[flags] | ((flags & _DIFFERENT) != 0))
            result.other_version += int(np.count_nonzero(here & ((flags & _OTHER_VERSION) != 0)))
            waiting = int(np.count_nonzero(open_ & ~done))
            result.received += int(np.count_nonzero(here))
            result.in_flight += waiting if read else 0
            result.stranded += 0 if read else waiting
            result.missing += int(np.count_nonzero(lost))
            result.expired += int(np.count_nonzero(open_ & done & ~again & ((flags & _OLD) != 0)))
            result.replayed += int(np.count_nonzero(again))
            result.conflicting += int(np.count_nonzero(clash))
            for code, count in enumerate(np.bincount(codes[ended], minlength=len(self._endings)).tolist()):
                if count:
                    result.endings[self._endings[code]] += count
            for found, positions in ((lost, missing), (clash, conflicting)):
                for index in np.flatnonzero(found)[: max(0, examples - len(positions))].tolist():
                    positions.append(Position(topic=topic, partition=partition[1], offset=first + index))
        return result, missing, conflicting

    def _credit_originals(self, topic: str) -> None:
        """Marks the originals of those copies that have an outcome."""
        for partition, places in self._originals.items():
            if partition[0] != topic:
                continue
            ended = (np.frombuffer(self._flags[partition], dtype=np.uint8) & _KINDS) != 0
            originals = np.frombuffer(places, dtype=np.int64)
            for place in originals[ended & (originals >= 0)].tolist():
                number, index = place >> _OFFSET_BITS, place & ((1 << _OFFSET_BITS) - 1)
                self._flags[topic, number][index] |= _REPLAYED

    def _index(self, position: Position) -> int | None:
        span = self._spans.get((position.topic, position.partition))
        if span is None or not span[0] <= position.offset < span[1]:
            return None
        return position.offset - span[0]

    def _code(self, ending: Ending) -> int:
        code = self._code_of.get(ending)
        if code is None:
            if len(self._endings) == _MAX_CODES:
                return self._code_of[Ending(ending.outcome, "", "other")]
            code = self._code_of[ending] = len(self._endings)
            self._endings.append(ending)
        return code
