"""Persons that no knowledge base has, by the shape of their names: what is found without the neural recogniser."""

from __future__ import annotations

import re
from collections.abc import Set

from agents.entities.knowledge.kb import Lexicon
from agents.entities.linking.text import Words
from agents.entities.spelling.inflection import bases
from agents.entities.spelling.languages import language
from agents.entities.spelling.names import EAST_ASIAN, PARTICLES

_MAX_WORDS = 5
_APOSTROPHES = frozenset("'’")
_VOWELS = re.compile("[aeiouy]+")
"""What a syllable has once."""
_NEAR = 3
"""How many words away a role still belongs to the name."""


def person_at(words: Words, at: int, code: str, lexicon: Lexicon, taken: Set[int]) -> int | None:
    """Returns one past the last word of the person's name that begins at ``at``, which another continues, or None.

    A name is two to five words with capitals, small particles among them, of which the first is a given name, or
    is an East Asian family name or anything else beside a word for a role.
    """
    if words.glued[at + 1]:
        return None
    if not (words.capital[at + 1] and words.cased[at + 1]) and words.word[at + 1] not in PARTICLES:
        return None
    if not _is_name_word(words, at, taken) or (lexicon.common(words.word[at], code) and words.initial[at]):
        return None
    if at and words.joined[at] and _is_name_word(words, at - 1, taken) and not words.initial[at - 1]:
        before = words.word[at - 1]
        if before not in language(code).roles:
            return None
    end, solid = at + 1, at + 1
    while end < len(words) and end - at < _MAX_WORDS and words.joined[end] and not words.glued[end]:
        if words.parted(end):
            break
        if _is_name_word(words, end, taken) or second_syllable(words, at, end, code, lexicon):
            solid = end + 1
        elif words.word[end] not in PARTICLES:
            break
        end += 1
    if solid - at < 2:
        return None
    first = words.word[at]
    if lexicon.given(first) or any(map(lexicon.given, bases(first, code))):
        return solid
    if not _role_near(words, at, solid, code):
        return None
    if first in EAST_ASIAN or not any(lexicon.common(words.word[n], code) for n in range(at, solid)):
        return solid if solid - at <= 3 else None
    return None


def second_syllable(words: Words, first: int, at: int, code: str, lexicon: Lexicon) -> bool:
    """Tells whether a small word ends an East Asian given name that is written with a hyphen: ``Jae-myung``.

    ``first`` is the first word of the name; each part is one syllable, so that ``Quenby-led`` is none.
    """
    if at != first + 2 or words.capital[at] or not words.hyphened(at) or words.word[first] not in EAST_ASIAN:
        return False
    syllables = words.word[at - 1], words.word[at]
    return all(len(_VOWELS.findall(one)) == 1 for one in syllables) and not lexicon.common(syllables[1], code)


def _is_name_word(words: Words, at: int, taken: Set[int]) -> bool:
    start = words.start[at]
    if start in taken or not (words.cased[at] and words.capital[at]):
        return False
    if words.end[at] == start + 1 and words.text[start - 1 : start] in _APOSTROPHES:  # "EU'S"
        return False
    surface = words.text[words.start[at] : words.end[at]]
    return (
        surface[0].isalpha()
        and (surface.isalpha() or not any(char.isdigit() for char in surface))
        and not (surface.isupper() and 1 < len(surface) <= 5)
    )


def _role_near(words: Words, at: int, end: int, code: str) -> bool:
    roles = language(code).roles
    before = range(max(0, at - 2), at)
    after = range(end, min(len(words), end + _NEAR))
    if any(words.word[n] in roles for n in before):
        return True
    follows = words.text[words.end[end - 1] : words.end[end - 1] + 1] == ","
    return follows and any(words.word[n] in roles for n in after)
