"""News agencies and press release services: who is credited, and what stands before the first sentence for them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_DASH = r"\s*[–—-]{1,2}\s*"
_PREFIX = re.compile(r"[(\[（【]\s*([^()\[\]（）【】\n]{2,40}?)\s*[)\]）】]" + _DASH)
_ALONE = re.compile(r"[(\[（【]\s*([^()\[\]（）【】\n]{2,40}?)\s*[)\]）】]\s*[–—-]{0,2}")
# PLACE (Agency) – or PLACE, 3 March (Agency) – or PLACE – ; the place in capitals unless an agency follows
_PLACE = r"[^\W\d_a-z][^()\d\n–—/:;!?,]{1,40}?"
_DATELINE = re.compile(
    rf"(?P<place>{_PLACE}(?:,\s*[^()\n–—/:;!?]{{2,30}}?)?)\s*[(/]\s*(?P<agency>[^()/\n]{{2,40}}?)\s*[)/]"
    + _DASH
)
_BARE = re.compile(rf"(?P<place>{_PLACE}(?:/{_PLACE})?(?:,\s*[^()\n–—/:;!?]{{2,30}}?)?)\s*(?:[–—]|\s-|--)\s")


@dataclass(frozen=True, slots=True)
class Agencies:
    """The known names: what is written to what it is credited as."""

    credited: Mapping[str, str]
    services: Mapping[str, str]
    written: re.Pattern[str]


@cache
def agencies() -> Agencies:
    """Reads the file of names."""
    lists = tomllib.loads(files("agents.clean").joinpath("agencies.toml").read_text(encoding="utf-8"))
    credited = {written: name for name, forms in lists["agencies"].items() for written in forms}
    services = {written: name for name, forms in lists["services"].items() for written in forms}
    forms = sorted({*credited, *services}, key=lambda form: (-len(form), form))
    rests: dict[str, tuple[list[str], list[str]]] = {}
    for form in forms:
        rests.setdefault(form[0], ([], []))[_unspaced(form)].append(re.escape(form[1:]))
    # One branch for each first letter, so that only those letters are stopped at.
    return Agencies(
        credited, services, re.compile("|".join(_after(re.escape(k), *v) for k, v in rests.items()))
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
    head = text[:120].split("\n", 1)[0]
    known = agencies()
    found = _DATELINE.match(head)
    if found and known.written.search(found.group("agency")):
        return found.group("place").strip(" ,.")
    found = _BARE.match(head)
    if found:
        place = found.group("place").strip(" ,.")
        first = place.split(",")[0]
        if first.isupper() and sum(map(str.isalpha, first)) >= 3 and len(first.split()) <= 4:
            return place
    return None
