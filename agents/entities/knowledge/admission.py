"""Which names an import may bring: what millions of hands have entered is checked as our own records are.

Refused are, each told under its own word:

    form             no name: too long, digits alone, brackets, control characters
    small            written small throughout, where the script has capitals
    common word      one word, and a common one of its language or of English
    given name       one word, and a given name
    short            one word too short to be told from others in running text
    uncased          one word of a person or a lesser organisation in a script without capitals
    country's name   one word that names a country or its people
    another's name   a name for a country that something else bears too: a city, another country
"""

from __future__ import annotations

import re
import unicodedata

from agents.entities.knowledge.kb import Compiled
from agents.entities.knowledge.records import ANY, NOTED, Item
from agents.entities.spelling.fold import CASED, HANGUL, UNSPACED, key

STATES = frozenset({"country", "union"})
_MAX_LETTERS = 80
_MAX_WORDS = 10
_MIN_LETTERS = 3
_NO_NAME = re.compile(r"[\[\](){}<>|;=\\/@#*_^~\"\u200e\u200f\u202a-\u202e\u2066-\u2069]|https?:|www\.")


def refusal(name: str, language: str, item: Item, lexicon: Compiled) -> str | None:
    """Returns why ``item`` may not be called ``name`` in a language; None where it may."""
    folded = key(name)
    count = folded.count(" ") + 1
    if (
        not folded
        or len(name) > _MAX_LETTERS
        or count > _MAX_WORDS
        or not any(char.isalpha() for char in folded)
        or _NO_NAME.search(name)
        or any(unicodedata.category(char)[0] == "C" and char not in "\u200c\u200d" for char in name)
    ):
        return "form"
    cased = bool(CASED.search(name))
    if cased and not any(char.isupper() for char in name):
        return "small"
    if item.kind in STATES:
        return _for_state(folded, item, lexicon)
    if count > 1:
        return None
    if lexicon.common(folded, "en" if language == ANY else language) or lexicon.common(folded, "en"):
        return "common word"
    if cased and not name.isupper() and lexicon.given(folded):
        return "given name"
    if len(folded) < _MIN_LETTERS:
        return "short"
    spaced = not UNSPACED.search(name) and not HANGUL.search(name)
    if not cased and spaced and (item.type == "PER" or (item.type == "ORG" and item.weight < NOTED)):
        return "uncased"
    if any(lexicon.item(posting.entity).kind in STATES for posting in lexicon.find(folded)):
        return "country's name"
    return None


def _for_state(folded: str, item: Item, lexicon: Compiled) -> str | None:
    bearers = {lexicon.item(posting.entity).id for posting in lexicon.find(folded)}
    if bearers - {item.id}:
        return "another's name"
    return "short" if len(folded) < _MIN_LETTERS else None
