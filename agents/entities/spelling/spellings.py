"""What the names that Wikidata has tell: how one is spelt in Latin letters, and which outline Tamil letters mean.

One table holds both: by a folded word, and by an outline without d and g.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import marisa_trie

FILE = Path(__file__).parent / "spellings.marisa"


def spelt(word: str) -> str:
    """Returns the spelling in Latin letters of a folded word, where it is a name; else nothing."""
    return _after(word) if _begins(word[:1]) else ""


def voiced(written: str) -> str:
    """Returns the outline of the names that Tamil writes with an outline without d and g; else nothing."""
    return _after(written)


def _after(word: str) -> str:
    found = _table().keys(f"{word}\t")
    return found[0][len(word) + 1 :] if found else ""


@lru_cache(8192)
def _begins(letter: str) -> bool:
    """Tells whether a name of the table begins with a letter: with none of most scripts."""
    return next(_table().iterkeys(letter), None) is not None


@lru_cache(1)
def _table() -> marisa_trie.Trie:
    return marisa_trie.Trie().mmap(str(FILE))
