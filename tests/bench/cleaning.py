"""Measures the clean stage on one core: ``python -m tests.bench.cleaning``.

CPU time, not wall time, page by page in turns with the extraction library alone, so that the ratio holds on a machine
that is busy or slow; and before that the memory of the process at its highest, while it reads the same pages one by
one as a worker does: held all at once they take 110 MB themselves.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable

from tests.quality.cleaning import body, library, speed
from tests.quality.cleaning_data import Page, cleaned, newspages, rows, scrapinghub


def rates(pages: list[Page], *extractors: Callable[[Page], str]) -> list[float]:
    """Returns how many pages a second of CPU each of ``extractors`` reads, each page by all of them in turns."""
    for page in pages[:5]:
        for extract in extractors:
            extract(page)
    spent = [0.0] * len(extractors)
    for page_number, page in enumerate(pages):
        for number in range(len(extractors)):
            which = (page_number + number) % len(extractors)
            start = time.process_time()
            extractors[which](page)
            spent[which] += time.process_time() - start
    return [len(pages) / seconds for seconds in spent]


def main() -> None:
    """Prints the figures."""
    print(f"plain text of 3,000 characters: {speed():.2f} ms")
    print(f"memory after plain text: {_memory():.0f} MB")
    for path in ("html/scrapinghub.jsonl.gz", "html/newspages-dev.jsonl.gz"):
        for row in rows(path):
            cleaned(row["html"], content_type="text/html", url=row["url"] or None)
    print(f"memory after pages, one by one: {_memory():.0f} MB")
    for name, pages in (("scrapinghub", scrapinghub()), ("newspages", newspages())):
        ours, alone = rates(pages, body, library)
        print(f"{name}: {ours:.1f} pages/s; the library alone {alone:.1f}, so {ours / alone:.2f} of it")


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
