"""Measures the clean stage on one core: ``python -m tests.bench.cleaning``.

CPU time, not wall time, beside that of the extraction library alone on the same pages, so that the ratio can be
compared between machines; and the memory of the process at its highest.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable

from tests.quality.cleaning import body, library, speed
from tests.quality.cleaning_data import Page, newspages, scrapinghub


def rate(pages: list[Page], extract: Callable[[Page], str]) -> float:
    """Returns pages a second of CPU."""
    for page in pages[:5]:
        extract(page)
    start = time.process_time()
    for page in pages:
        extract(page)
    return len(pages) / (time.process_time() - start)


def main() -> None:
    """Prints the figures."""
    print(f"plain text of 3,000 characters: {speed():.2f} ms")
    print(f"memory after plain text: {_memory():.0f} MB")
    for name, pages in (("scrapinghub", scrapinghub()), ("newspages", newspages())):
        print(f"{name}: {rate(pages, body):.1f} pages/s; the library alone {rate(pages, library):.1f}")
    print(f"memory after pages: {_memory():.0f} MB")


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
