"""Repair of damaged characters: what no reader was meant to see, and letters stored wrongly.

Each repair is local, so that the map stays exact; damaged encodings have a file of their own (`mojibake.py`).
Nothing here changes a word: joiners that carry meaning (Persian, Indic, Khmer, emoji) stay, and so do quotes, dashes,
full-width forms and Turkish ``ş``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice

from agents.clean.edits import Edit, merged
from agents.clean.repair.mojibake import mojibake
from schemas.article import RepairReason

_SUSPECT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f"
    "\u205f-\u206f\ufeff\ufff9-\uffff\ud800-\udfff\ufb00-\ufb06\U000e0000-\U000e007f\U000f0000-\U0010ffff]"
)
_SPACES = frozenset(
    "\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f"
)
_MOST_COMPOSED = 100_000
"""Characters put together beyond which a text stays as it is; bounds the time (about 10 us each)."""
_MOST_INVISIBLE = 230_000
"""Repairs and line ends beyond which no more are listed: no event could tell of them, and the text is refused."""
_LINE_ENDS = frozenset("\x0b\x0c\x85\u2028\u2029\x1c\x1d\x1e")
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_JOINERS = frozenset("\u200c\u200d")
# where a (non-)joiner changes what is read: Arabic to Thaana, Indic to Lao, Burmese, Khmer, Mongolian; emoji
_JOINED = re.compile(
    "[\u0600-\u08ff\u0900-\u0dff\u0e00-\u0eff\u1000-\u109f\u1780-\u18af\u1b00-\u1bff\ua8e0-\ua8ff\ufb50-\ufdff\ufe70-\ufefc"
    "\u2190-\u2bff\ufe0f\U0001f000-\U0001faff]"
)

_CEDILLA = str.maketrans("şŞţŢ", "șȘțȚ")
_WITH_CEDILLA = re.compile("[şŞţŢ]")
_NOT_ROMANIAN = re.compile("[ığİĞəƏ]")
_ROMANIAN = re.compile("[ăĂţŢțȚ]")

# a base letter with what is put on it, jamo, and characters that NFC replaces one by one
_COMPOSABLE = re.compile(
    "[^\\s\u0300-\u036f][\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf-\u05c7\u064b-\u065f\u0670\u0653-\u0655\u06d6-\u06ed"
    "\u093c\u09bc\u09be\u09d7\u0a3c\u0b3c\u0b3e\u0b56\u0b57\u0bbe\u0bd7\u0c56\u0cc2\u0cd5\u0cd6\u0d3e\u0d57\u0dca\u0dcf\u0ddf"
    "\u102e\u1b35\u3099\u309a\u0f71-\u0f84]+|[\u1100-\u11ff]+"
)


def character_repairs(text: str) -> list[Edit]:
    """Returns the repairs of single characters that ``text`` needs, in order."""
    edits = list(islice(_invisible(text), _MOST_INVISIBLE))
    if not text.isascii():
        if _WITH_CEDILLA.search(text) and _ROMANIAN.search(text) and not _NOT_ROMANIAN.search(text):
            edits += [
                Edit(found.start(), found.end(), found.group().translate(_CEDILLA), "romanian_cedilla")
                for found in _WITH_CEDILLA.finditer(text)
            ]
        if not unicodedata.is_normalized("NFC", text):
            composed = list(_composed(text))
            if len(composed) <= _MOST_COMPOSED:
                edits += composed
        edits += mojibake(text)
    return merged(edits)


def _invisible(text: str) -> Iterator[Edit]:
    for found in _SUSPECT.finditer(text):
        at, character = found.start(), found.group()
        reason: RepairReason = "invisible_character"
        replacement = ""
        if character in _SPACES:
            reason, replacement = "whitespace", " "
        elif character == "\r":
            if text[at + 1 : at + 2] == "\n":
                yield Edit(at, at + 1, "", None)
                continue
            reason, replacement = "whitespace", "\n"
        elif character in _LINE_ENDS:
            reason, replacement = "whitespace", "\n"
        elif character in _JOINERS:
            if _JOINED.match(text[at + 1 : at + 2]) or (at and _JOINED.match(text[at - 1])):
                continue
        elif character in _LIGATURES:
            reason, replacement = "unicode_nfc", _LIGATURES[character]
        elif "\ud800" <= character <= "\udfff":
            reason, replacement = "control_character", "\ufffd"
        elif character == "\ufffd":
            continue
        elif character < " " or "\x7f" <= character <= "\x9f":
            reason = "control_character"
        yield Edit(at, at + 1, replacement, reason)


def _composed(text: str) -> Iterator[Edit]:
    for found in _COMPOSABLE.finditer(text):
        composed = unicodedata.normalize("NFC", found.group())
        if composed != found.group():
            yield Edit(found.start(), found.end(), composed, "unicode_nfc")
