"""Words of Dari that Persian of Iran has others for: what tells `prs` from `fa` where letters and frequencies do not.

Offices, courts, schools and districts of Afghanistan are called by words of Pashto or by older Persian ones; Iran's
press writes another word for each (`ولسوالی` is `شهرستان` there, `پوهنتون` `دانشگاه`). An article of Iran's about
Afghanistan may hold one of them, hardly two.
"""

from __future__ import annotations

import re
from typing import Final

WORTH: Final = 2.0
"""Log-odds for `prs` that each of them is worth: one takes back what is held against it
(:data:`agents.language.decide.RARELY`)."""
MOST: Final = 3
"""Words beyond which more say nothing new."""
_WORDS: Final = frozenset(
    (
        *("ولسوالی", "ولسوال", "پوهنتون", "پوهنځی", "پوهنحی", "پوهاند", "پوهنوال", "شفاخانه", "قوماندان"),
        *("قوماندانی", "قومندان", "قومندانی", "محصلین", "سارنوال", "سارنوالی", "څارنوال", "څارنوالی"),
        *(
            "شاروال",
            "شاروالی",
            "ولسی",
            "فابریکه",
            "موتر",
            "سرک",
            "دوسیه",
            "معینیت",
            "لیلیه",
            "مکاتب",
            "امنیه",
        ),
    )
)
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_ARABIC: Final = str.maketrans("يك", "یک")


def leaning(text: str) -> float:
    """Returns the log-odds for `prs` that the words of ``text`` are worth."""
    found = _WORDS.intersection(_LETTERS.findall(text.translate(_ARABIC)))
    return WORTH * min(len(found), MOST)
