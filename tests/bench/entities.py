"""How fast the stage `entities` links, on one core: ``python -m tests.bench.entities``.

Prints articles of 3,000 characters a second over the parallel news in every language (CPU time, second pass: a
worker's caches are warm after a minute), the time to load, the memory, and the time for texts made to be slow.
"""

from __future__ import annotations

import resource
import sys
import time

from agents.entities.kb import Compiled
from agents.entities.link import Linker
from tests.quality.entities import bcp47, news

ARTICLE = 3_000
SLOW = {
    "one name repeated": ("Kim " * 262_144, "en"),
    "ordinary English": ("North Korea and Sergei Lavrov met in Moscow, Paris. " * 20_000, "en"),
    "Chinese": ("朝鲜和俄罗斯在莫斯科会晤拉夫罗夫" * 20_000, "zh"),
    "inflected Russian": ("Северной Кореи Министерства обороны " * 15_000, "ru"),
    "seams": ("aB" * 524_288, "en"),
    "Thai": ("นายกรัฐมนตรีรัสเซีย" * 18_000, "th"),
}
"""Texts of about 1 MiB in UTF-8."""


def main() -> None:
    """Prints the measurements."""
    start = time.process_time()
    linker = Linker(Compiled())
    sys.stdout.write(f"load: {time.process_time() - start:.3f} s\n")
    texts = [(bcp47(lang), text[:ARTICLE]) for _, lang, text in news()][::16]
    for name in ("first pass", "second pass"):
        start = time.process_time()
        for tag, text in texts:
            linker.link(text, tag)
        rate = sum(len(text) for _, text in texts) / ARTICLE / (time.process_time() - start)
        sys.stdout.write(f"{name}: {rate:.0f} articles of {ARTICLE:,} characters a second\n")
    for name, (text, tag) in SLOW.items():
        start = time.process_time()
        linker.link(text, tag)
        sys.stdout.write(f"1 MiB, {name}: {time.process_time() - start:.2f} s\n")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"memory: {memory:.0f} MB\n")


if __name__ == "__main__":
    main()
