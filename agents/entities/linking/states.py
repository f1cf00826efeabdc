"""A city and the abbreviation of its state: ``Paris, Tenn.``, ``Springfield, IL``.

The abbreviations are those of the news agencies' stylebooks and of the postal service.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from agents.entities.linking.candidates import Span
from agents.entities.linking.spans import Finder
from agents.entities.linking.text import Words
from agents.entities.spelling.fold import key

_STATES = {
    "AL": ("Alabama", "Ala"), "AK": ("Alaska", ""), "AZ": ("Arizona", "Ariz"), "AR": ("Arkansas", "Ark"),
    "CA": ("California", "Calif"), "CO": ("Colorado", "Colo"), "CT": ("Connecticut", "Conn"),
    "DE": ("Delaware", "Del"), "FL": ("Florida", "Fla"), "GA": ("Georgia", "Ga"), "HI": ("Hawaii", ""),
    "ID": ("Idaho", ""), "IL": ("Illinois", "Ill"), "IN": ("Indiana", "Ind"), "IA": ("Iowa", ""),
    "KS": ("Kansas", "Kan"), "KY": ("Kentucky", "Ky"), "LA": ("Louisiana", "La"), "ME": ("Maine", ""),
    "MD": ("Maryland", "Md"), "MA": ("Massachusetts", "Mass"), "MI": ("Michigan", "Mich"),
    "MN": ("Minnesota", "Minn"), "MS": ("Mississippi", "Miss"), "MO": ("Missouri", "Mo"),
    "MT": ("Montana", "Mont"), "NE": ("Nebraska", "Neb"), "NV": ("Nevada", "Nev"),
    "NH": ("New Hampshire", "N.H"), "NJ": ("New Jersey", "N.J"), "NM": ("New Mexico", "N.M"),
    "NY": ("New York", "N.Y"), "NC": ("North Carolina", "N.C"), "ND": ("North Dakota", "N.D"),
    "OH": ("Ohio", ""), "OK": ("Oklahoma", "Okla"), "OR": ("Oregon", "Ore"), "PA": ("Pennsylvania", "Pa"),
    "RI": ("Rhode Island", "R.I"), "SC": ("South Carolina", "S.C"), "SD": ("South Dakota", "S.D"),
    "TN": ("Tennessee", "Tenn"), "TX": ("Texas", ""), "UT": ("Utah", ""), "VT": ("Vermont", "Vt"),
    "VA": ("Virginia", "Va"), "WA": ("Washington", "Wash"), "WV": ("West Virginia", "W.Va"),
    "WI": ("Wisconsin", "Wis"), "WY": ("Wyoming", "Wyo"),
}  # fmt: skip
_CODES = {code: code for code in _STATES} | {short: code for code, (_, short) in _STATES.items() if short}
_SHORT = "|".join(re.escape(short) for _, short in _STATES.values() if short)
_AFTER = re.compile(rf", (?:({_SHORT})(?=\.)|({'|'.join(_STATES)})\b(?!\.\w|['’]))")


def stated(spans: Sequence[Span], words: Words, finder: Finder) -> list[Span]:
    """Returns ``spans`` with the abbreviated states behind cities, and of what those may mean only what lies there.

    Two letters alone, which may be a word of their own, are a state only where the knowledge base has the city there.
    """
    result: list[Span] = []
    for span in spans:
        if result and result[-1].end > span.start:
            continue
        found = _AFTER.match(words.text, span.end) if words.text[span.end : span.end + 2] == ", " else None
        if found is None or not any(option.item.type == "LOC" for option in span.options):
            result.append(span)
            continue
        code = _CODES[found[1] or found[2]]
        there = tuple(option for option in span.options if option.item.part_of == f"US-{code}")
        states = tuple(
            option
            for option in finder.exact(key(_STATES[code][0]), "en")
            if option.item.kind == "region" and option.item.country == "US" and option.kind == "label"
        )
        if not states or not (there or found[1]):
            result.append(span)
            continue
        start, end = found.span(1 if found[1] else 2)
        first, last = bisect_left(words.start, start), bisect_left(words.start, end)
        result += (
            Span(span.start, span.end, span.first, span.last, there),
            Span(start, end, first, last, states),
        )
    return result
