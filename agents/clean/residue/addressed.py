"""Lines in which a site speaks to its reader of its cookies, its newsletter or its channels, whatever the wording.

Phrase files hold, under ``[addressed]``, by which words a site speaks to its reader (``your``, ``our``, ``you
agree``) and which words it then speaks about, by reason (``cookie~``, ``newsletter~``). A line at either end of a
text that holds both in one language is the site's own, unless another line of the story speaks of the same: an
article on cookies names them more than once. What stands in quotation marks is somebody's speech and is not read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from agents.clean.residue.lines import ends_sentence
from agents.clean.residue.phrasebook import (
    ADDRESSED,
    Found,
    Search,
    fold_words,
    is_unspaced,
    listed,
    phrase_files,
)
from agents.clean.residue.units import Unit
from schemas.article import RemovalReason

_READER = "reader"
_ABOUT = "about"
_PORTRAIT: RemovalReason = "company_boilerplate"
_HEAD = 160
"""Characters of a paragraph in which its label and the name after it stand."""
_HEAD_WORDS = (8, 30)
"""Words, and characters where words are not spaced, of such a label at most."""
_BODY = 8
"""Words of what is said of the company at least."""
_NAMED = 3
"""Letters of a name to which another form of it may add."""
_EVERYWHERE = "any"
_CLEAR = 4
"""Letters of a word from which it is taken for one of its language wherever it stands."""
_FIRST = 2
"""Lines of the story, counted from its beginning, among which the site may speak."""
_LAST = 4
"""The same from its end."""
_FEWEST = 3
"""Lines that must be left beside it for there to be a story."""
_MOST_WORDS = (45, 120)
"""Words, and characters where words are not spaced, of what a site says at most."""
_LONGEST = 2_000
"""Characters of it; bounds the time where most are signs."""
_OWN = -4_500
"""Below this (thousandths of a logit) the line model is so sure of a line that what it says is the story's."""
_STEM = 5
"""Letters by which two words are taken for forms of one."""
_QUOTED = re.compile(
    r"“[^“”\n]*”|„[^„“”\n]*[“”]|«[^«»\n]*»|»[^«»\n]*«|\"[^\"\n]*\"|「[^」\n]*」|『[^』\n]*』|‘[^’\n]*’"
)
_SPOKEN = ("-", "–", "—", "“", "„", "«", '"')
"""Signs with which a line of speech begins."""


@dataclass(frozen=True, slots=True)
class Addressed:
    """The words of every language by which a site speaks to its reader, and what about."""

    reader: Search[str]
    """By language."""
    about: Search[tuple[str, RemovalReason]]
    """By language and reason."""
    portrait: Search[str]
    """By language: how a heading says that a company is what the next lines are about."""


@cache
def addressed() -> Addressed:
    """Reads the tables ``[addressed]`` of all phrase files."""
    reader: list[tuple[str, str]] = []
    about: list[tuple[tuple[str, RemovalReason], str]] = []
    portrait: list[tuple[str, str]] = []
    for name, lists in phrase_files():
        table = lists.get(ADDRESSED, {})
        language = name.removesuffix(".toml")
        reader += [(language, phrase) for phrase in table.pop(_READER, ())]
        portrait += [(language, phrase) for phrase in table.pop(_ABOUT, ())]
        about += [((language, reason), phrase) for reason, phrase in listed(table, f"{name} [{ADDRESSED}]")]
    return Addressed(Search(reader), Search(about), Search(portrait))


def speaks_to_reader(words: Sequence[str]) -> bool:
    """Whether a line holds a word by which a site speaks to its reader, long enough to be of one language alone."""
    return any(len("".join(words[hit.start : hit.end])) >= _CLEAR for hit in addressed().reader.search(words))


def mark_addressed(units: Sequence[Unit]) -> None:
    """Marks the lines at either end of the story that speak to the reader of what the story does not speak of."""
    own = [unit for unit in units if unit.reason is None]
    if len(own) <= _FEWEST:
        return
    known = addressed()
    edges = (*own[:_FIRST], *own[max(_FIRST, len(own) - _LAST) :])
    found = {unit.start: (unit, said) for unit in edges if (said := _spoken_of(unit, known)) is not None}
    if not found or len(own) - len(found) < _FEWEST:
        return
    told = {
        _subject(unit.view.words, hit)
        for unit in own
        if unit.start not in found
        for hit in known.about.search(unit.view.words)
    }
    for unit, (reason, subjects) in found.values():
        if told.isdisjoint(subjects):
            unit.reason = reason


def mark_companies(units: Sequence[Unit]) -> None:
    """Marks what a company says of itself below its press release: ``About Lume Lines: Lume Lines is ...``.

    What it is headed by may be a line of its own, and names what the paragraph then begins with.
    """
    lines = [unit for unit in units if unit.reason is None]
    for index in range(max(_FEWEST, len(lines) - _LAST), len(lines)):
        unit, above = lines[index], lines[index - 1]
        head, colon, body = unit.view.text[:_HEAD].replace("：", ":").partition(":")
        if colon and _is_portrait(fold_words(head), fold_words(body)):
            unit.reason = _PORTRAIT
        elif (
            index > _FEWEST
            and ends_sentence(unit.view.text)
            and not ends_sentence(above.view.text)
            and ":" not in above.view.text
            and _is_portrait(above.view.words, unit.view.words)
        ):
            above.reason = unit.reason = _PORTRAIT


def _is_portrait(head: Sequence[str], body: Sequence[str]) -> bool:
    """Whether ``head`` says that ``body`` is about what both name first."""
    unspaced = is_unspaced(head)
    if len(body) < _BODY or not 2 <= len(head) <= _HEAD_WORDS[unspaced]:
        return False
    for hit in addressed().portrait.search(head):
        named = (head[hit.end :] if hit.at_start else head[: hit.start] if hit.end == len(head) else ())[:2]
        # "About the port" and then "The port is", where the heading's preposition has taken in the article
        for first in body[: 1 + (not unspaced and len(body[0]) <= _NAMED)]:
            if any(first == word or (first.startswith(word) and len(word) >= _NAMED) for word in named):
                return unspaced or len(first) >= _NAMED
    return False


def _spoken_of(unit: Unit, known: Addressed) -> tuple[RemovalReason, set[str]] | None:
    """Returns the reason for which a line speaks to the reader, and what it speaks of; None for most lines."""
    view = unit.view
    if (
        unit.logit < _OWN
        or len(view.text) > _LONGEST
        or len(view.words) > _MOST_WORDS[is_unspaced(view.words)]
        or view.text.startswith(_SPOKEN)
    ):
        return None
    words = fold_words(_QUOTED.sub(" ", view.text))
    about = known.about.search(words)
    if not about:
        return None
    speaking = known.reader.search(words)
    languages = {hit.reason for hit in speaking}
    # names that every language shares need a word that is not another language's, and a line that may be residue
    clear = unit.logit > 0 and any(len("".join(words[hit.start : hit.end])) >= _CLEAR for hit in speaking)
    fitting = [hit for hit in about if hit.reason[0] in languages or (hit.reason[0] == _EVERYWHERE and clear)]
    if not fitting:
        return None
    reason = max(fitting, key=lambda hit: (hit.end - hit.start, hit.reason)).reason[1]
    return reason, {_subject(words, hit) for hit in fitting}


def _subject(words: Sequence[str], hit: Found[tuple[str, RemovalReason]]) -> str:
    """Returns what a phrase speaks of, in the letters that its forms share."""
    return "".join(words[hit.start : hit.end])[:_STEM]
