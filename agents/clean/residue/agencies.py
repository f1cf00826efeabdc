"""News agencies and press release services: who is credited, and what stands before the first sentence for them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from agents.clean.residue.dates import months

_DASH = r"\s*[–—-]{1,2}\s*"
_PREFIX = re.compile(r"[(\[（【]\s*([^()\[\]（）【】\n]{2,40}?)\s*[)\]）】]" + _DASH)
_ALONE = re.compile(r"[(\[（【]\s*([^()\[\]（）【】\n]{2,40}?)\s*[)\]）】]\s*[–—-]{0,2}")
# PLACE (Agency) – or PLACE, 3 March (Agency) – or PLACE – ; the place in capitals unless an agency follows
_PLACE = r"[^\W\d_a-z][^()\d\n–—/:;!?,]{1,40}?"
_DATED = rf"{_PLACE}(?:[,.]?\s\d|,\s*[^()\n–—/:;!?]{{2,30}}?\d)[^()\n–—/:;!?]{{0,30}}?"
# what agencies write before the first sentence: the place, often with the date, and their name
_AGENCY = (
    rf"(?P<place>{_PLACE}(?:,\s*[^()\n–—/:;!?]{{2,30}}?)?|{_DATED})\s*[(/]\s*(?P<agency>[^()/\n]{{2,40}}?)"
    rf"\s*[)/](?:[.,]?{_DASH}|(?<=/)[.,]\s)"
)
_DATELINES = tuple(
    map(
        re.compile,
        (
            _AGENCY,
            rf"(?P<place>{_DATED})\s*\((?P<agency>[^()/\n]{{2,40}}?)\)[.,:]?\s",
            rf"(?P<place>{_DATED})[.,]?\s(?P<agency>[^\W\d_][^\d\n.–—()/]{{1,30}}?)\s*(?:[–—]|\s-|--)\s",
            r"[(（\[](?P<place>[^()（）\n\d=＝]{1,12})[=＝](?P<agency>[^()（）\n\d=＝]{2,10})[)）\]]",
            r"(?P<agency>[^\W\d_]{2,6}?社)(?P<place>[^\W\d_]{1,12}(?:\d{1,2}月)?\d{1,2}日)(?:综合)?[电電]",
        ),
    )
)
_HEADED = re.compile(r"【([^】\n]{3,20})】")
_TOKEN = re.compile(r"[^\s.,/]+")
_PLACE_WORDS = 4
_ADDED = re.compile(r"\([^()\n]{4,60}\)\s+")
"""What an agency says of a new version: ``(Adds quotes)``."""
_BARE = re.compile(rf"(?P<place>{_PLACE}(?:/{_PLACE})?(?:,\s*[^()\n–—/:;!?]{{2,30}}?)?)\s*(?:[–—]|\s-|--)\s")


@dataclass(frozen=True, slots=True)
class Agencies:
    """The known names: what is written to what it is credited as."""

    credited: Mapping[str, str]
    services: Mapping[str, str]
    opening: Mapping[str, str]
    """Names that are words too, and are looked for only where a dateline has its agency."""
    written: re.Pattern[str]


@cache
def agencies() -> Agencies:
    """Reads the file of names."""
    lists = tomllib.loads(files("agents.clean.residue").joinpath("agencies.toml").read_text(encoding="utf-8"))
    credited = {written: name for name, forms in lists["agencies"].items() for written in forms}
    services = {written: name for name, forms in lists["services"].items() for written in forms}
    forms = sorted({*credited, *services}, key=lambda form: (-len(form), form))
    rests: dict[str, tuple[list[str], list[str]]] = {}
    for form in forms:
        rests.setdefault(form[0], ([], []))[_unspaced(form)].append(re.escape(form[1:]))
    # One branch for each first letter, so that only those letters are stopped at.
    return Agencies(
        credited,
        services,
        {written: name for name, forms in lists["opening"].items() for written in forms},
        re.compile("|".join(_after(re.escape(k), *v) for k, v in rests.items())),
    )


def _after(first: str, spaced: list[str], solid: list[str]) -> str:
    """Returns a pattern for the letter ``first`` and what may follow it: to the end of a word, or anything."""
    branches = [rf"(?<!\w{first})(?:{'|'.join(spaced)})(?!\w)"] if spaced else []
    return f"{first}(?:{'|'.join([*branches, *solid])})"


def _unspaced(text: str) -> bool:
    return any("\u3040" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7a3" for character in text)


def credits_in(*texts: str) -> tuple[str, ...]:
    """Returns the agencies and services named in ``texts``, each once, in order of first mention."""
    known = agencies()
    found: dict[str, None] = {}
    for text in texts:
        for written in known.written.findall(text):
            found[known.credited.get(written) or known.services[written]] = None
    return tuple(found)


def services_in(text: str) -> set[str]:
    """Returns the press release services named in ``text``."""
    known = agencies()
    return {known.services[written] for written in known.written.findall(text) if written in known.services}


def prefix_end(text: str, start: int) -> int | None:
    """Returns where a bare prefix such as ``(Agency) –`` at ``start`` ends; None where there is none.

    With a place before it, it is a dateline, which is the article's own.
    """
    found = _PREFIX.match(text, start)
    if found is None or found.end() >= len(text) or text[found.end() - 1] == "\n":
        return None
    known = agencies()
    name = found.group(1)
    return found.end() if name in known.credited or name in known.services else None


def is_credit(line: str) -> bool:
    """Whether ``line`` is no more than a known name in brackets: ``(Agency)``, ``[Service] –``."""
    found = _ALONE.fullmatch(line)
    known = agencies()
    return found is not None and (found.group(1) in known.credited or found.group(1) in known.services)


def dateline(text: str) -> str | None:
    """Returns the place (and date) that opens ``text``, as in ``MOSCOW, March 3 (Reuters) –``."""
    return opening(text)[0]


def opening(text: str) -> tuple[str | None, str | None]:
    """Returns the dateline of ``text`` and the agency that it credits."""
    head = text[:180].split("\n", 1)[0]
    known = agencies()
    headed = _HEADED.match(head)
    for written in (*known.opening, *known.credited) if headed else ():
        if headed and headed[1].endswith(written) and len(headed[1]) > len(written):
            place = re.split("[=＝]", headed[1].removesuffix(written))[0]
            return place, known.opening.get(written) or known.credited[written]
    added = _ADDED.match(head)
    for start in (0, added.end()) if added else (0,):
        for pattern in _DATELINES:
            found = pattern.match(head, start)
            name = _credited(found["agency"]) if found else None
            if found and name and ("日" in found["place"] or _is_place(found["place"])):
                return found["place"].strip(" ,."), name
    found = _BARE.match(head[:120])
    if found:
        place = found.group("place").strip(" ,.")
        first = place.split(",")[0]
        if first.isupper() and sum(map(str.isalpha, first)) >= 3 and len(first.split()) <= 4:
            return place, None
    return None, None


def _credited(written: str) -> str | None:
    """Returns the agency that is named ``written``, or is named in it beside others."""
    known = agencies()
    return known.opening.get(written) or next(iter(credits_in(written)), None)


def _is_place(written: str) -> bool:
    """Whether ``written`` is the name of a place, with nothing after it but a date where it holds a number."""
    tokens = _TOKEN.findall(written)
    first = next((i for i, token in enumerate(tokens) if token.isdigit() or _is_month(token)), len(tokens))
    date = tokens[first:]
    if not any(token.isdigit() for token in tokens):
        return True
    return (
        0 < first <= _PLACE_WORDS
        and all(token.isdigit() or _is_month(token) for token in date)
        and (any(map(_is_month, date)) or len(date) > 1)
    )


def _is_month(token: str) -> bool:
    return token.casefold() in months()
