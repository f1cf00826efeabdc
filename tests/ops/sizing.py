"""What an article costs: bytes on each topic and CPU in each stage, on the samples or on your own articles.

    python -m tests.ops.sizing                       the samples that ship with babelwire
    python -m tests.ops.sizing articles.jsonl        RawArticles, one a line

CPU is the process's own, so other load on the machine does not count. The stream's overhead comes on top:
`python -m tests.bench.stream` measures it.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from agents.hop import Limits, LoadedHop
from agents.pipeline import STAGED, hops
from agents.stage import Resources
from streams.samples import ARTICLES

ROUNDS = 5
_DAY = 86_400


def main(path: Path) -> None:
    """Prints the table."""
    articles = path.read_bytes().splitlines()
    loaded = [LoadedHop(hop, Resources(), Limits(), time.process_time) for hop in hops(STAGED)]
    topics = [loaded[0].hop.input, *(one.hop.output for one in loaded)]
    size = dict.fromkeys((topic.name for topic in topics), 0)
    cpu = dict.fromkeys((one.hop.name for one in loaded), 0.0)
    count = 0
    for turn in range(-1, ROUNDS):  # the first round warms up
        for number, value in enumerate(articles):
            sizes = {topics[0].name: len(value)}
            spent: dict[str, float] = {}
            for one in loaded:
                begun = time.process_time()
                result = one(value, b"%d-%d" % (turn, number), 1_795_290_000_000)
                spent[one.hop.name] = time.process_time() - begun
                if result.outcome != "published" or result.value is None:
                    break
                value = result.value
                sizes[one.hop.output.name] = len(value)
            if turn >= 0:
                count += 1
                for name, length in sizes.items():
                    size[name] += length
                for name, seconds in spent.items():
                    cpu[name] += seconds
    print(f"{len(articles)} articles, {ROUNDS} rounds; per article:")
    for name, total in size.items():
        print(f"  {total / count:8,.0f} bytes on {name}")
    print(f"  {sum(size.values()) / count:8,.0f} bytes together, staged")
    print(f"  {(size[topics[0].name] + size[topics[-1].name]) / count:8,.0f} bytes together, fused")
    for name, seconds in cpu.items():
        print(f"  {1000 * seconds / count:8.1f} ms of CPU in {name}")
    per_second = count / sum(cpu.values())
    a_day = per_second * _DAY / 1e6
    print(f"  {per_second:8.0f} articles a second and core in the stages, {a_day:.1f} million a day")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ARTICLES)
