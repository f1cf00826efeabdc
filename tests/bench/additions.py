"""What operators' additions cost a worker, on one core: ``python -m tests.bench.additions``.

Prints, for so many additions (persons with a name in Latin, Cyrillic and Han), the time the stages take to know them,
the memory they add, and how fast the stage `entities` links beside them without a model: CPU time, second pass.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

from agents.entities.knowledge.additions import extend
from agents.entities.knowledge.kb import Compiled
from agents.entities.linking.link import Linker
from agents.entities.training.articles import bcp47
from schemas.additions import Addition
from streams.knowledge.additions import Handover
from tests.quality.entities import news

ARTICLE = 3_000
COUNTS = (0, 100, 1_000, 10_000)
_SYLLABLES = ("ba", "do", "ki", "le", "mu", "na", "po", "ri", "su", "ta")
_HAN = "巴多基勒穆纳波里苏塔"


def person(number: int) -> Addition:
    """Returns one of the persons, all of different names."""
    digits = [int(digit) for digit in f"{number:05d}"]
    name = "".join(_SYLLABLES[digit] for digit in digits)
    return Addition(
        id=f"cur:bench-{number}",
        type="PER",
        name=f"Levan {name.capitalize()}nov",
        names={
            "zh": ("列万" + "".join(_HAN[digit] for digit in digits),),
            "en": (f"Lev {name.capitalize()}",),
        },
    )


def main() -> None:
    """Prints the measurements."""
    base = Compiled()
    texts = [(bcp47(lang), text[:ARTICLE]) for _, lang, text in news()][::32]
    characters = sum(len(text) for _, text in texts)
    for count in COUNTS:
        additions = tuple(map(person, range(count)))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with tempfile.TemporaryDirectory() as folder:
            start = time.process_time()
            Handover(Path(folder)).give(additions)
            given = time.process_time() - start
            start = time.process_time()
            linker = Linker(extend(base, Handover(Path(folder)).take() or ()))
            taken = time.process_time() - start
            start = time.process_time()
            extend(base, additions[1:])
            again = time.process_time() - start
        for _ in range(2):
            start = time.process_time()
            for tag, text in texts:
                linker.link(text, tag)
            rate = characters / ARTICLE / (time.process_time() - start)
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        sys.stdout.write(
            f"{count:,} additions: given in {given * 1000:.1f} ms, known in {taken * 1000:.1f} ms, "
            f"after a change in {again * 1000:.1f} ms, "
            f"{rate:.0f} articles of {ARTICLE:,} characters a second, peak memory +{grown:.0f} MB\n"
        )


if __name__ == "__main__":
    main()
