"""Spaces that went missing or came in between: glued sentences, split words, spaced ellipses.

A join is mended only where the text itself gives the evidence: both halves stand alone elsewhere in it, or it is
damaged in this way throughout. A lexicon would know more words but also split brands (``LinkedIn``); measured on
clean articles the first rules without such evidence made 139 wrong edits in 779.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from agents.clean.edits import Edit
from agents.clean.residue.lines import LOWER, UPPER

_WORD = re.compile(r"[^\W\d_]+")
_ELLIPSIS = re.compile(r"(?<![.…])(?<!\. )\.(?: \.){2,}+(?!\.)")
# a stop with a letter on each side: two lower-case letters before, a capital and a lower-case letter after
_STOP = re.compile(r"([.!?…”\"»](?:(?<=[.!?…])[”\"»’]?|(?<=[”\"»])[.!?]))(?=([“\"«„]?)([^\W\d_][^\W\d_]+))")
# begins at a word's first letter and gives nothing back: linear on a word of a million letters
_HYPHENED = re.compile(r"(?<![^\W\d_])[^\W\d_]++(?:-[^\W\d_]++)+")
_HYPHEN = re.compile(r" -(?=([^\W\d_]+(?:-[^\W\d_]+)*))")
_ADDRESS = re.compile(r"[@/#\\_]|[wW]{3}\.|\.[a-z]{2,4}$")
_HUMP = re.compile(f"[{UPPER}](?<=[{LOWER}].)")
"""The capital first: there are few."""
_LONGEST = 40
_SHORT = 4
"""Letters up to which a frequent word is taken for a function word or an enclitic."""
_FREQUENT = 3
_MOST = 400
"""Suspects beyond which a text is not prose, and is left as it is; bounds the time."""
_PROVEN = 2
"""Joins proven by both halves after which weaker evidence is enough: this damage comes in bursts."""


@dataclass(frozen=True, slots=True)
class _Words:
    """How often each word stands alone in the text, as written; and which words are joined by hyphens."""

    alone: Counter[str]
    hyphened: frozenset[str]
    clitics: frozenset[str]


def joins(text: str) -> list[Edit]:
    """Returns the spaces to put in or take out of ``text``, in order."""
    edits = [
        Edit(found.start(), found.end(), "…", "whitespace")
        for found in (_ELLIPSIS.finditer(text) if ". . ." in text else ())
    ]
    hyphens = list(_HYPHEN.finditer(text))
    stops = list(_STOP.finditer(text))
    cases = list(_camels(text))
    if 0 < len(hyphens) + len(stops) + len(cases) <= _MOST:
        words = _words(text)
        edits += _split_words(text, hyphens, words)
        edits += _stops(text, stops, words)
        edits += _cases(text, cases, words)
    return sorted(edits, key=lambda edit: (edit.start, edit.end))


def _words(text: str) -> _Words:
    hyphened = frozenset(word.casefold() for word in _HYPHENED.findall(text))
    clitics = frozenset(word.rsplit("-", 1)[1] for word in hyphened if len(word.rsplit("-", 1)[1]) <= _SHORT)
    return _Words(Counter(_WORD.findall(text)), hyphened, clitics)


def _split_words(text: str, found: list[re.Match[str]], words: _Words) -> Iterator[Edit]:
    """Yields the spaces before hyphens that belong to a word: ``norte -coreano`` where ``norte-coreano`` occurs.

    German, Dutch and the Nordic languages write a hyphen after a space on purpose (``und -kontrolle``).
    """
    proven: list[tuple[re.Match[str], bool]] = []
    for match in found:
        if not text[max(0, match.start() - 2) : match.start()].isalpha() or match.start() < 2:
            continue
        left = text[max(0, match.start() - _LONGEST) : match.start()].rsplit(None, 1)[-1]
        word = f"{left}-{match.group(1)}".casefold()
        proven.append((match, word in words.hyphened))
    burst = any(sure for _, sure in proven)
    for match, sure in proven:
        short = len(match.group(1)) <= _SHORT
        if sure or (short and (burst or match.group(1).casefold() in words.clitics)):
            yield Edit(match.start(), match.start() + 1, "", "split_word")


def _stops(text: str, found: list[re.Match[str]], words: _Words) -> Iterator[Edit]:
    """Yields the spaces missing after a full stop: ``Russia.Ha``."""
    token_end, several = 0, False
    """Where the last token ends, and whether it is an address or stands in the text again; asked once for each."""
    for match in found:
        stop, quote, right = match.groups()
        left = text[max(0, match.start() - _LONGEST) : match.start()]
        if (
            not left[-2:].isalpha()
            or not left[-1].islower()
            or not right[0].isupper()
            or not right[1].islower()
        ):
            continue
        if match.start() >= token_end:
            token, token_end = _token(text, match.start(), match.end())
            several = _ADDRESS.search(token) is not None or text.count(token) > 1
        if several:
            continue
        left = _WORD.findall(left)[-1]
        # a bare stop between two capitalised words may be a name (Node.Js, Booking.Com)
        if (
            stop == "."
            and not quote
            and left[0].isupper()
            and not words.alone[right.lower()]
            and words.alone[right] < 2
        ):
            continue
        # a straight quote opens what follows where as many opened as closed before it in its line
        line = text.rfind("\n", 0, match.start()) + 1
        opens = stop[1:] == '"' and text.count('"', line, match.start()) % 2 == 0
        at = match.end() - opens
        yield Edit(at, at, " ", "glued_sentence")


def _camels(text: str) -> Iterator[tuple[int, int, int]]:
    """Yields (start, join, end) of words with one capital after a lower-case letter: ``LavrovLa``."""
    end = 0
    for found in _HUMP.finditer(text):
        if found.start() <= end:  # the second hump of a word
            continue
        start = end = join = found.start()
        while start > 0 and text[start - 1].isalpha():
            start -= 1
        while end < len(text) and text[end].isalpha():
            end += 1
        if join - start < 2 or end - start > _LONGEST or sum(map(str.isupper, text[start + 1 : end])) != 1:
            continue
        before, after = text[start - 1 : start], text[end : end + 2]
        if (
            (before in _STUCK and before)
            or (after[:1] in _TRAILING and after[:1])
            or (after[:1] == "." and after[1:].isalpha())
        ):
            continue
        yield start, join, end


def _cases(text: str, found: list[tuple[int, int, int]], words: _Words) -> Iterator[Edit]:
    strong: list[int] = []
    weak: list[int] = []
    for start, join, end in found:
        left, right, whole = text[start:join], text[join:end], text[start:end]
        if words.alone[whole] > 1 or left in _PARTICLES:
            continue
        small = right.lower()
        function = len(small) <= _SHORT and words.alone[small] >= _FREQUENT
        known = words.alone[left] >= 1 and len(left) >= _SHORT
        if left.islower():
            known = len(left) > _SHORT
        elif len(left) < _SHORT:  # Jong UnI: the name stands elsewhere
            name = text[max(0, join - 2 * _LONGEST) : join].rsplit(None, 2)[-2:]
            known = len(name) == 2 and name[0][:1].isupper() and text.count(" ".join(name)) > 1
        if function and known:
            strong.append(join)
        elif left[0].isupper() and len(left) >= _SHORT and len(right) >= _SHORT:
            after_name = text[max(0, start - _LONGEST) : start].rstrip().rsplit(None, 1)[-1:]
            if (
                words.alone[right] >= 2
                or words.alone[left] >= 1
                or (after_name and after_name[0][:1].isupper())
            ):
                weak.append(join)
    if len(strong) >= _PROVEN:
        strong += weak
    for join in strong:
        yield Edit(join, join, " ", "glued_sentence")


def _token(text: str, start: int, end: int) -> tuple[str, int]:
    """Returns what stands between two spaces, without the signs around it, and where it ends."""
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return text[start:end].strip("“”\"«»„’'()[],.;:!?…"), end


_STUCK = frozenset("@#/.-_’'0123456789")
_TRAILING = frozenset("/-_0123456789")
_PARTICLES = frozenset(
    (
        *("Mc", "Mac", "Mec", "De", "Di", "Du", "Da", "La", "Le", "Van", "Von", "Fitz", "Des", "Del"),
        *("Dela", "Lo", "San", "Al", "El", "O", "St", "Ben", "Ibn"),
    )
)
