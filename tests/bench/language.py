"""Processor time and memory of the language stage: ``python -m tests.bench.language``.

Articles of 3,000 characters, put together from the development news in fifteen languages and six scripts; the best of
five passes, in processor time, so that a busy machine does not count.
"""

from __future__ import annotations

import resource
import time

from agents.language.stage import STAGE
from agents.stage import Resources
from tests.agents.language.articles import article
from tests.quality.language_data import rows

LANGUAGES = frozenset(
    [
        "deu",
        "rus",
        "fra",
        "ron",
        "fil",
        "hin",
        "arb",
        "zho-CN",
        "tha",
        "spa",
        "tur",
        "pol",
        "eng",
        "jpn",
        "kor",
    ]
)
LENGTH = 3000
PASSES = 5


def main() -> None:
    """Prints milliseconds per article and per headline, and the memory."""
    begun = time.process_time()
    process = STAGE.load(Resources())
    print(f"load {time.process_time() - begun:.2f} s")
    news = [row for row in rows("news/ntrex-dev.jsonl.gz") if row["lang"] in LANGUAGES][::7]
    sets = {
        "article of 3,000 characters": [article(("\n".join((row["text"], "")) * 9)[:LENGTH]) for row in news],
        "headline": [article(row["title"] or row["text"][:60]) for row in news],
    }
    for name, articles in sets.items():
        passes = []
        for _ in range(PASSES):
            begun = time.process_time()
            for one in articles:
                process(one)
            passes.append((time.process_time() - begun) / len(articles))
        print(f"{name}: {min(passes) * 1000:.2f} ms")
    print(f"memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
