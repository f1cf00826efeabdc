"""Writes ``agents/clean/residue/months.json``: ``python -m tests.quality.cleaning_months``.

The file holds the names of the months in every language of CLDR.
Read at start, Babel's locales would cost 0.7 s and 100 MB.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from babel import Locale, localedata

import agents.clean.residue

FILE = Path(agents.clean.residue.__file__).with_name("months.json")


def months() -> dict[str, int]:
    """Returns every name of a month, case-folded and without a final stop, to its number.

    A name that is another month elsewhere (``mai``) goes with most languages, and with none where that is close.
    """
    found: dict[str, Counter[int]] = {}
    for code in sorted({name.split("_")[0] for name in localedata.locale_identifiers()}):
        names = Locale.parse(code).months
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in names[context][width].items():
                    if len(name) >= 3 and not name[0].isdigit():
                        found.setdefault(name.casefold().rstrip("."), Counter())[number] += 1
    result: dict[str, int] = {}
    for name, numbers in found.items():
        number, count = numbers.most_common(1)[0]
        if count >= 0.75 * numbers.total():
            result[name] = number
    return result


def main() -> None:
    """Writes the file."""
    text = json.dumps(dict(sorted(months().items())), ensure_ascii=False, indent=0)
    FILE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
