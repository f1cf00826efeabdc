"""How names are spelt in Latin letters: Wikidata's given and family names in all scripts, from rigour.

rigour matches persons by groups of spellings, one line for each name (``form, form => Q...``). Its table is part of
its compiled module, as a Zstandard frame, and no function gives it away.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import zstandard
from rapidfuzz.distance import JaroWinkler
from rigour import _core

from agents.entities.spelling.fold import words
from agents.entities.spelling.outline import IN_TAMIL, outline
from agents.entities.spelling.reading import read_aloud

_FRAME = b"\x28\xb5\x2f\xfd"
_LINE = re.compile(r"[^\n]+ => [QX]")
_HEAD = 4096
"""Bytes of a frame that tell whether it is the table."""
_UNTOLD = re.compile("[\u0590-\u06ff\u0e00-\u0e7f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]")
"""Scripts that do not tell how a foreign name is spelt: they leave out vowels, or have fewer sounds or syllables.
What is read in others is right more often (Devanagari 85 of 100) than the table, in which Azerbaijani ``Con`` is a
spelling of John."""
_LIKENESS = 3
"""Power of the likeness to the name as it is read, by which spellings with one outline are told apart."""
_LEAST = 2


def spellings() -> Iterator[tuple[str, str]]:
    """Yields pairs of a folded word and its spelling in Latin letters, in order.

    Of the outlines a word may have, that of the names written in most scripts; of its spellings, the one most like
    the word as it is read.
    """
    for written, known in sorted(_known().items()):
        yield written, _best(written, known)


def voiced() -> Iterator[tuple[str, str]]:
    """Yields pairs of an outline as Tamil writes it and that of the name most often meant by it, in order.

    Tamil has one letter for t and d and one for k and g: of the outlines that it writes alike, that of the names
    written in most scripts.
    """
    found: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for line in _table().splitlines():
        forms = [form.strip() for form in line.partition(" => ")[0].split(",")]
        latin = [form for form in forms if form.isascii() and form.isalpha() and len(form) >= _LEAST]
        for form in latin:
            sounds = outline(form.lower())
            found[sounds.translate(IN_TAMIL)][sounds] += len(forms) / len(latin)
    for written, known in sorted(found.items()):
        best = max(sorted(known), key=known.__getitem__)
        if best != written:
            yield written, best


def _best(written: str, known: Mapping[str, float]) -> str:
    outlines: dict[str, float] = defaultdict(float)
    for latin, weight in known.items():
        outlines[outline(latin)] += weight
    most = max(outlines.values())
    heard = read_aloud(written)
    scores = {
        latin: (weight * JaroWinkler.similarity(latin, heard) ** _LIKENESS, latin)
        for latin, weight in known.items()
        if outlines[outline(latin)] == most
    }
    return max(scores, key=scores.__getitem__)


def _known() -> dict[str, dict[str, float]]:
    """Returns for each word its spellings, weighed by the forms a name has."""
    found: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for line in _table().splitlines():
        forms = [form.strip() for form in line.partition(" => ")[0].split(",")]
        latin = [form for form in forms if form.isascii() and form.isalpha() and len(form) >= _LEAST]
        for form in forms:
            folded = words(form) if _UNTOLD.match(form) else []
            if len(folded) == 1 and len(folded[0]) >= _LEAST:
                for spelling in latin:
                    found[folded[0]][spelling] += len(forms) / len(latin)
    return found


@lru_cache(1)
def _table() -> str:
    """Returns rigour's table of names."""
    module = Path(_core.__file__).read_bytes()
    at = module.find(_FRAME)
    while at >= 0:
        try:
            head = zstandard.ZstdDecompressor().decompressobj().decompress(module[at : at + 64 * _HEAD])
            if _LINE.match(head[:_HEAD].decode("utf-8", "ignore")):
                return zstandard.ZstdDecompressor().decompressobj().decompress(module[at:]).decode("utf-8")
        except zstandard.ZstdError:
            pass
        at = module.find(_FRAME, at + 1)
    raise ValueError(f"{_core.__file__} holds no table of names: another version of rigour?")
