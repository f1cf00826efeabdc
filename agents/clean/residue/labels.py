"""Lines that a page sets around its story and that a label or their form gives away: bylines, tags, clocks, polls.

Phrase files hold the labels under ``[labels]``: ``by`` stands before a name (``By Mara Lind``), ``author`` before a
colon and a name, ``tags`` before a list, ``live`` beside a clock; ``any.toml`` holds languages by their own names and
the words that join two authors. What is not at either end of the text is never looked at.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from agents.clean.residue.agencies import credits_in
from agents.clean.residue.dates import holds_date, months
from agents.clean.residue.lines import UPPER, ends_sentence
from agents.clean.residue.phrasebook import (
    LABELS,
    Hit,
    Search,
    all_phrases,
    fold_words,
    is_unspaced,
    phrase_files,
)
from agents.clean.residue.units import Unit
from schemas.article import RemovalReason

_ABOVE = 4
"""Lines at the beginning of a text among which such lines are looked for, down to the first full sentence."""
_BELOW = 6
"""The same at its end."""
_FEWEST = 3
"""Lines a text has at least."""
_SENTENCE = 5
"""Words from which a full sentence is the story's."""
_LONGEST = 200
"""Characters of a line beyond which no label explains it."""
_LABEL_WORDS = (4, 12)
"""Words of a label at most; characters where words are not spaced."""
_ITEM_WORDS = (4, 16)
"""The same of an item of a list, an answer, a piece of a row."""
_NAME_WORDS = 5
_NAME_LENGTH = (4, 60)
"""Characters of a name, at least and at most; half as many in scripts without capitals."""
_TAIL_WORDS = 5
"""Words of what may follow the names of a byline: an office, a place."""
_BY_WORDS = 3
"""Words of what stands before a name without a colon, at most."""
_CLOCK = re.compile(r"(?<!\d)\d{1,2}(?:[:.]|\s?[hH]\s?)\d{2}(?!\d)")
_COLON = re.compile(r"\s?[:：՝፦៖]\s*")
_ROW = re.compile(r"\s*[|/•·،,、，;]\s*")
_ITEMS = re.compile(r"\s*[,،、，;|]\s*")
_ANSWERS = re.compile(r"\s[/|]\s")
_QUESTION = re.compile(r"[?？؟՞;]\s+(?=[^?？؟՞]+$)")
_SECTIONS = re.compile(r"\s+[/|>›»]\s+|\s*[｜│]\s*")
"""What stands between the sections of a site in a line: ``Home / News / Region``."""
_SECTION_WORDS = (3, 8)
"""Words, and characters where words are not spaced, of a section at most."""
_STAMPS = 4
"""Words that may stand beside the date and the clock of a stamp: two labels, a zone, a day of the week."""
_ENTRIES = 3
"""Times of day above sentences that make a live blog."""
_NUMBER = re.compile(r"\d+")
_HASHTAGS = re.compile(r"(?:[#＃]\w{2,40}[\s,]*){2,}")
_QUOTED = re.compile(r"(?<=\d)\s?(?:[%°]|[A-Z]{3}\b)|[$€£¥₺₹₽₩]\s?\d|\d\s?[$€£¥₺₹₽₩]|[+-]\d")
_WEATHER = re.compile(r"[^\d,.:|]{2,25}\s[-−+]?\d{1,2}\s?°[CF]?")
_NAME = re.compile(rf"(?:[dlo][’'])?[{UPPER}][\w’'.-]*")
_AFTER_NAME = re.compile(r"\s[–—|(-]|\(|（|\s(?:in|en|à|w|v)\s")
_PARTICLES = frozenset(
    (
        *("af", "al", "am", "av", "bin", "da", "de", "del", "della", "den", "der", "di", "do", "dos", "du"),
        *("el", "ibn", "la", "le", "ten", "ter", "van", "von"),
    )
)
"""Words in small letters that names hold."""
_TAIL = re.compile(rf"\s*(?:[,|•·–—/(-]|$)|\s+(?:in|en|à|w|v)\s+[{UPPER}]\S+$")
_NO_CASE = re.compile(
    r"[\u0590-\u0fff\u10a0-\u10ff\u1100-\u11ff\u1200-\u137f\u1780-\u17ff\u3040-\u9fff\uac00-\ud7a3]"
)


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of every language."""

    tags: Search[str]
    live: Search[str]
    by: Search[str]
    author: Search[str]
    office: Search[str]
    """What somebody is who signs: no part of a name."""
    languages: Search[str]
    clock: Search[str]
    """What stands beside a time of day."""
    joined: re.Pattern[str]
    """What stands between two authors."""


@cache
def labels() -> Labels:
    """Reads the tables ``[labels]`` of all phrase files."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, lists in phrase_files():
        for kind, phrases in lists.get(LABELS, {}).items():
            found.setdefault(kind, []).extend((name.removesuffix(".toml"), phrase) for phrase in phrases)
    words = "|".join(sorted({re.escape(word) for _, word in found.pop("and")}))
    return Labels(
        **{kind: Search([(code, f"^{phrase}$") for code, phrase in said]) for kind, said in found.items()},
        joined=re.compile(rf"\s*[,，、،&/]\s*(?:(?:{words})\s+)?|\s+(?:{words})\s+"),
    )


def mark_labelled(units: Sequence[Unit]) -> None:
    """Marks the lines at either end of the text that its page set there."""
    if len(units) < _FEWEST:
        return
    stamps = entry_stamps(units)
    for index, unit in enumerate(units[:_ABOVE]):
        if _is_told(unit):
            break
        if unit.reason is None and unit.start not in stamps and len(unit.view.text) <= _LONGEST:
            unit.reason = _above(unit) or _around(unit) or (_below(unit) if index == 0 else None)
            if index == 0 and unit.reason is None and _is_row_of_sections(unit):
                unit.reason = "navigation"
    for unit in units[max(1, len(units) - _BELOW) :]:
        if unit.reason is None and len(unit.view.text) <= _LONGEST:
            unit.reason = _around(unit) or _below(unit)
    for unit in units[max(1, len(units) - 2) :]:
        if unit.reason is None and authors_in(unit.view.text):
            unit.reason = "author_bio"


def entry_stamps(units: Sequence[Unit]) -> set[int]:
    """Returns the starts of the lines that head the entries of a live blog: times of day, each above a sentence.

    One or two may be the stamp of the article itself; in a column of headlines no sentence follows them.
    """
    found = {
        unit.start
        for unit, below in pairwise(units)
        if unit.reason is None
        and below.reason is None
        and _is_clock(unit.view.text)
        and ends_sentence(below.view.text)
    }
    return found if len(found) >= _ENTRIES else set()


def _is_clock(text: str) -> bool:
    """Whether a line is a time of day and nothing else: ``14:32``, ``18.20 Uhr``."""
    if len(text) > _LONGEST or not _CLOCK.search(text):
        return False
    return all(_is_whole(word, labels().clock) for word in fold_words(_CLOCK.sub(" ", text)))


def authors_in(line: str) -> tuple[str, ...]:
    """Returns whom a byline names: ``By Mara Lind and Ole Rusk, Lume``; nobody where ``line`` is something else."""
    if len(line) > _LONGEST or ends_sentence(line):
        return ()
    known = labels()
    colon = _COLON.search(line)
    if (
        colon is not None
        and colon.start() <= _NAME_LENGTH[1]
        and _is_whole(line[: colon.start()], known.author)
    ):
        return _names(line[colon.end() :], known, uncased=True)
    tokens = line.split(maxsplit=_BY_WORDS)
    for count in range(min(_BY_WORDS, len(tokens) - 1), 0, -1):
        if _is_whole(" ".join(tokens[:count]), known.by):
            return _names(line.split(maxsplit=count)[-1], known, uncased=len(tokens[0]) > 1)
    return ()


def is_name(text: str) -> bool:
    """Whether ``text`` is a person's name and nothing else, as far as its form tells."""
    return _names(text, labels(), uncased=True) == (text,)


def names_signed(written: str) -> tuple[str, ...]:
    """Returns the names in what a page gives as its author: ``By Mara Lind and Ole Rusk, Political Editor``.

    All of it where it does not begin with a person's name.
    """
    known = labels()
    first, _, rest = written.partition(" ")
    if (
        rest
        and (_is_whole(first, known.by) or _is_whole(first, known.author))
        and _names(rest, known, uncased=False)
    ):
        written = rest
    pieces = [piece.strip() for piece in known.joined.split(written)]
    if len(pieces) < 2 or not _name(pieces[0], uncased=False):
        return (written,)
    return tuple(piece for piece in pieces if piece and not any(map(_is_office, piece.split())))


def signs(line: str, words: Sequence[str], hit: Hit) -> bool:
    """Whether a phrase of authors signs a line: one that is no more than ``By`` has to stand before a name."""
    said = words[hit.start : hit.end]
    known = labels()
    label = " ".join(said)
    if len(said) > _BY_WORDS or not (_is_whole(label, known.by) or _is_whole(label, known.author)):
        return True
    rest = line.split(maxsplit=len(said))[len(said) :]
    return bool(authors_in(line) or (rest and credits_in(rest[0])) or (len(words) == len(said) + 1))


def _names(text: str, known: Labels, *, uncased: bool) -> tuple[str, ...]:
    """Returns the names that ``text`` begins with, where nothing follows but an office or a place."""
    found: list[str] = []
    pieces = known.joined.split(text.strip())
    for piece in pieces:
        name = _name(piece, uncased=uncased)
        if name is None:
            break
        found.append(name)
    rest = text.strip()
    for name in found:
        rest = rest[rest.index(name) + len(name) :]
    rest = " ".join(token for token in rest.split(" ") if not _is_office(token))
    if not found or not _TAIL.match(rest) or len(rest.split()) > _TAIL_WORDS + 1:
        return ()
    return tuple(dict.fromkeys(name for name in found if not credits_in(name)))


def _name(piece: str, *, uncased: bool) -> str | None:
    """Returns the name that ``piece`` is, or that stands in it before a bracket or dash."""
    written = _AFTER_NAME.split(piece, maxsplit=1)[0].strip(" .")
    tokens = written.split()
    offices = [_is_office(token) for token in tokens]
    if any(offices):
        if not _NO_CASE.search(written):
            return None
        tokens = [token for token, office in zip(tokens, offices, strict=True) if not office]
        written = " ".join(tokens)
    if not tokens or len(tokens) > _NAME_WORDS or any(map(str.isdigit, written)):
        return None
    if _NO_CASE.search(written):
        lettered = all(char.isalpha() or char in " ·・.’'-\u200c" or not char.isascii() for char in written)
        return written if uncased and lettered and 2 <= len(written) <= _NAME_LENGTH[1] // 2 else None
    if len(tokens) < 2 or not _NAME_LENGTH[0] <= len(written) <= _NAME_LENGTH[1]:
        return None
    capital = [_NAME.fullmatch(token) is not None for token in tokens]
    if not (capital[0] or tokens[0] in _PARTICLES) or not capital[-1] or sum(capital) < 2:
        return None
    return (
        written
        if all(high or token in _PARTICLES for high, token in zip(capital, tokens, strict=True))
        else None
    )


def _is_office(token: str) -> bool:
    return any(hit.whole for hit in labels().office.search(fold_words(token)))


def _is_told(unit: Unit) -> bool:
    """Whether the story has begun."""
    return unit.reason is None and len(unit.view.words) >= _SENTENCE and ends_sentence(unit.view.text)


def _above(unit: Unit) -> RemovalReason | None:
    """Returns the reason for a line that stands above a story."""
    text = unit.view.text
    if authors_in(text):
        return "author_bio"
    if _CLOCK.search(text):
        said = [word for word in fold_words(_CLOCK.sub(" ", text)) if not _is_whole(word, labels().clock)]
        if not said or _is_whole(" ".join(said), labels().live):
            return "navigation"
        if _is_stamp(text):
            return "navigation"
    return "navigation" if _WEATHER.fullmatch(text) else None


def _is_stamp(text: str) -> bool:
    """Whether a line is a day and a time of day with few words beside: ``12/05/2025 16h10 updated 3 hours ago``."""
    if ends_sentence(text) or not holds_date(text):
        return False
    beside = [word for word in fold_words(_NUMBER.sub(" ", text)) if not _is_whole(word, labels().clock)]
    return len(beside) - sum(word in months() for word in beside) <= _STAMPS * (1 + is_unspaced(beside))


def _is_row_of_sections(unit: Unit) -> bool:
    """Whether a first line is a way through the site or its menu: ``Home / News / Region``; the first may say so."""
    text = unit.view.text
    pieces = _SECTIONS.split(text)
    if len(pieces) < 2 or ends_sentence(text) or any(map(str.isdigit, text)):
        return False
    most = _SECTION_WORDS[is_unspaced(unit.view.words)]
    if not all(0 < len(fold_words(piece)) <= most for piece in pieces):
        return False
    return len(pieces) > 2 or any(hit.whole for hit in all_phrases().search(fold_words(pieces[0])))


def _around(unit: Unit) -> RemovalReason | None:
    """Returns the reason for a line that stands above or below a story: languages to read in, prices and weather."""
    text = unit.view.text
    pieces = [piece for piece in _ROW.split(_COLON.split(text)[-1]) if piece]
    known = labels()
    if len(pieces) >= 2 and all(_is_whole(piece, known.languages) for piece in pieces):
        return "navigation"
    pieces = text.split("|")
    if len(pieces) >= 2 and 2 * sum(_QUOTED.search(piece) is not None for piece in pieces) >= len(pieces) > 1:
        return "navigation"
    return None


def _below(unit: Unit) -> RemovalReason | None:
    """Returns the reason for a line that stands below a story: its tags, a poll."""
    text = unit.view.text
    if _HASHTAGS.fullmatch(text):
        return "navigation"
    if ends_sentence(text):
        return None
    colon = _COLON.search(text)
    if colon is not None and _is_whole(text[: colon.start()], labels().tags):
        items = [item for item in _ITEMS.split(text[colon.end() :]) if item]
        if items and all(_is_short(item) for item in items):
            return "navigation"
    question = _QUESTION.search(text)
    if question is not None:
        answers = _ANSWERS.split(text[question.end() :])
        if len(answers) >= 2 and all(_is_short(answer) for answer in answers):
            return "navigation"
    return None


def _is_short(piece: str) -> bool:
    words = fold_words(piece)
    return 0 < len(words) <= _ITEM_WORDS[is_unspaced(words)]


def _is_whole(text: str, search: Search[str]) -> bool:
    words = fold_words(text)
    return 0 < len(words) <= _LABEL_WORDS[is_unspaced(words)] and any(
        hit.whole for hit in search.search(words)
    )
