"""What an article costs: bytes on each topic, CPU in each stage, and money at prices you name.

    python -m tests.ops.sizing                                    the samples that ship with babelwire
    python -m tests.ops.sizing articles.jsonl                     RawArticles, one a line
    python -m tests.ops.sizing --recognition rules                without the neural model
    python -m tests.ops.sizing --core-hour 0.03 --gigabyte-month 0.10 --copies 3 --days 7

CPU is the process's own, so other load on the machine counts only by the caches it takes. The stream's own share
comes on top: `python -m tests.bench.stream` measures it. Bytes are those of the records as the broker keeps them
when nobody compresses: value, key, headers and framing.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from aiokafka.record.default_records import DefaultRecordBatchBuilder

from agents.hop import Limits, LoadedHop, Result
from agents.pipeline import STAGED, hops
from agents.stage import Resources
from schemas.outcomes import INPUT_HEADER, Header, Position
from streams.samples import ARTICLES

_DAY = 86_400
_DAYS_A_MONTH = 30.4
_TIMESTAMP = 1_795_290_000_000
_ANSWERS: Header = (
    INPUT_HEADER,
    str(Position(topic="babelwire.articles.raw.v1", partition=11, offset=10**7)).encode(),
)


@dataclass(slots=True)
class Measured:
    """Sums over all rounds."""

    articles: int = 0
    bytes_on: dict[str, int] = field(default_factory=dict)
    """By topic."""
    cpu_in: dict[str, float] = field(default_factory=dict)
    """Seconds, by stage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What things cost; the defaults are an example, near what the large clouds ask for in 2026."""

    core_hour: float = 0.04
    gigabyte_month: float = 0.08
    copies: int = 3
    days: float = 7.0


def measure(path: Path, rounds: int, recognition: Literal["model", "rules"], warm_up: int = 1) -> Measured:
    """Runs the articles of ``path`` through every stage, ``rounds`` times after the ones that warm up."""
    articles = path.read_bytes().splitlines()
    resources = Resources(recognition=recognition)
    loaded = [LoadedHop(hop, resources, Limits(), time.process_time) for hop in hops(STAGED)]
    first = loaded[0].hop.input.name
    found = Measured()
    for turn in range(-warm_up, rounds):
        for number, value in enumerate(articles):
            key = b"%032d" % (turn * len(articles) + number)
            sizes = {first: _stored(key, value, [])}
            spent: dict[str, float] = {}
            for one in loaded:
                began = time.process_time()
                result = one(value, key, _TIMESTAMP)
                spent[one.hop.name] = time.process_time() - began
                if result.outcome != "published" or result.value is None:
                    break
                value = result.value
                sizes[one.hop.output.name] = _stored(key, value, _headers(result))
            if turn >= 0:
                found.articles += 1
                for name, length in sizes.items():
                    found.bytes_on[name] = found.bytes_on.get(name, 0) + length
                for name, seconds in spent.items():
                    found.cpu_in[name] = found.cpu_in.get(name, 0.0) + seconds
    return found


def lines(found: Measured, prices: Prices) -> list[str]:
    """Returns what there is to say."""
    count = found.articles
    topics = list(found.bytes_on)
    staged = sum(found.bytes_on.values()) / count
    fused = (found.bytes_on[topics[0]] + found.bytes_on[topics[-1]]) / count
    cpu = sum(found.cpu_in.values()) / count
    said = [f"  {total / count:8,.0f} bytes on {name}" for name, total in found.bytes_on.items()]
    said += [f"  {staged:8,.0f} bytes together, staged", f"  {fused:8,.0f} bytes together, fused"]
    said += [f"  {1000 * total / count:8.1f} ms of CPU in {name}" for name, total in found.cpu_in.items()]
    said.append(
        f"  {1 / cpu:8.0f} articles a second and core in the stages, {_DAY / cpu / 1e6:.1f} million a day"
    )
    for name, size in (("staged", staged), ("fused", fused)):
        gigabytes = size * 1e6 * prices.copies / 1e9
        hours = cpu * 1e6 / 3600
        disk = gigabytes * prices.gigabyte_month * prices.days / _DAYS_A_MONTH
        said.append(
            f"  a million articles, {name}: {hours:.1f} core hours ({hours * prices.core_hour:.2f}), "
            f"{gigabytes:.0f} GB with {prices.copies} copies ({disk:.2f} for {prices.days:g} days)"
        )
    return said


def _headers(result: Result) -> list[Header]:
    assert result.event is not None
    return [*result.event.to_headers(), _ANSWERS]


def _stored(key: bytes, value: bytes, headers: list[Header]) -> int:
    """Bytes of the record in a batch of its own timestamp; a batch adds 61 bytes to all of its records together."""
    return int(DefaultRecordBatchBuilder.size_of(key, value, headers))


def main() -> None:
    """Prints it."""
    parser = argparse.ArgumentParser(prog="python -m tests.ops.sizing", description=main.__doc__)
    parser.add_argument("articles", nargs="?", type=Path, default=ARTICLES)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--recognition", choices=("model", "rules"), default="model")
    for name, default in (("core-hour", 0.04), ("gigabyte-month", 0.08), ("days", 7.0)):
        parser.add_argument(f"--{name}", type=float, default=default)
    parser.add_argument("--copies", type=int, default=3)
    chosen = parser.parse_args()
    found = measure(chosen.articles, chosen.rounds, chosen.recognition)
    print(f"{found.articles // chosen.rounds} articles, {chosen.rounds} rounds; per article:")
    prices = Prices(
        core_hour=chosen.core_hour,
        gigabyte_month=chosen.gigabyte_month,
        copies=chosen.copies,
        days=chosen.days,
    )
    print("\n".join(lines(found, prices)))


if __name__ == "__main__":
    main()
