"""The annotated text the recogniser learns from: only sets whose licence lets the weights ship.

A set is a gzipped file of lines ``token, tab, tag`` (IOB2), a blank line between sentences; its name begins with the
language. ``LICENCES.md`` beside the sets says in its last column which of them may train what ships.
"""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

TYPES = ("PER", "ORG", "LOC")
LABELS = ("O", *(f"{place}-{kind}" for kind in TYPES for place in "BI"))
"""What training tells apart, in the order of the model's outputs."""
NOMINAL = ("B-NOM", "I-NOM")
"""The outputs behind them, for persons called by a common noun (``nominals.py``)."""

Span = tuple[int, int, str]
"""First token, end, type."""


@dataclass(frozen=True, slots=True)
class Source:
    """How a set takes part in training."""

    share: int
    """Sentences in each pass over the data; a set with fewer is repeated."""
    weight: float = 1.0
    """Of its sentences in the loss; under 1 for labels that a program made."""
    partial: bool = False
    """Whether it leaves some types unmarked: what is written large and unmarked then teaches nothing."""
    loose: bool = False
    """Whether its texts are scraps, of which those that read like sentences are preferred."""
    nominals: bool = False
    """Whether it marks persons called by a common noun or a pronoun too."""


SOURCES = {
    "da_ddt": Source(4400),
    "en_ewt_dev": Source(8000),
    "hr_set": Source(6900),
    "hu_nerkor": Source(9000),
    "id_nergrit": Source(1700, partial=True),
    "id_nerp": Source(6700),
    "nb_norne_dev": Source(3600),
    "pt_bosque": Source(7000),
    "ro_ronec_train": Source(7500, nominals=True),
    "ro_ronec_valid": Source(1100, nominals=True),
    "sk_snk": Source(3000),
    "sr_set": Source(3300),
    "sv_talbanken": Source(4300),
    "zh_gsdsimp": Source(3000),
    "de_wikiann": Source(3500, 0.5, loose=True),
    "en_wikiann": Source(2000, 0.5, loose=True),
    "es_wikiann": Source(2500, 0.5, loose=True),
    "fr_wikiann": Source(2500, 0.5, loose=True),
    "nl_wikiann": Source(2500, 0.5, loose=True),
    "pl_wikiann": Source(2500, 0.5, loose=True),
    "pt_wikiann": Source(1500, 0.5, loose=True),
    "ru_wikiann": Source(3500, 0.5, loose=True),
}
_SCRAPS = frozenset({"''", "'''", "''''", "**", "***", "*", "[[", "]]", "=", "==", "===", "#"})
"""Wiki markup that the silver sets kept as tokens."""
_REDIRECTS = frozenset(
    {"redirect", "weiterleitung", "redirección", "redirection", "patrz", "redirecionamento"}
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """Tokens and the names among them."""

    language: str
    tokens: tuple[str, ...]
    spans: tuple[Span, ...]
    source: Source


def spans_of(tags: Sequence[str]) -> tuple[Span, ...]:
    """Returns the names that IOB2 tags mark; an ``I`` that continues nothing begins a name."""
    found: list[Span] = []
    for at, tag in enumerate(tags):
        place, _, kind = tag.partition("-")
        if place == "I" and found and found[-1][1] == at and found[-1][2] == kind:
            found[-1] = (found[-1][0], at + 1, kind)
        elif place != "O":
            found.append((at, at + 1, kind))
    return tuple(found)


def read_tagged(path: Path) -> Iterable[tuple[tuple[str, ...], tuple[Span, ...]]]:
    """Yields the sentences of a set: tokens, and the names of the three types."""
    tokens: list[str] = []
    tags: list[str] = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in (*lines, "\n"):
            token, _, tag = line.rstrip("\n").partition("\t")
            if token:
                tokens.append(token)
                tags.append(tag)
            elif tokens:
                yield tuple(tokens), tuple(span for span in spans_of(tags) if span[2] in TYPES)
                tokens, tags = [], []


def allowed(folder: Path) -> frozenset[str]:
    """Returns the sets that ``LICENCES.md`` marks ``ship``."""
    lines = (folder / "LICENCES.md").read_text("utf-8").splitlines()
    rows = ([cell.strip() for cell in line.split("|")] for line in lines)
    return frozenset(row[1] for row in rows if len(row) > 3 and row[-2] == "ship")


def read_sources(folder: Path, *, sources: dict[str, Source] = SOURCES) -> list[Sentence]:
    """Reads the training sets of ``folder`` (``train/*.iob.gz``), without the sentences of ``dev/*.iob.gz``.

    Raises ValueError when a set's licence does not let weights ship, FileNotFoundError when a set is missing.
    """
    ship = allowed(folder)
    held = _held_out(folder)
    out: list[Sentence] = []
    for name, source in sources.items():
        if name not in ship:
            raise ValueError(f"expected only sets that may train what ships, got {name}: see LICENCES.md")
        for tokens, spans in read_tagged(folder / "train" / f"{name}.iob.gz"):
            if tokens in held:
                continue
            sentence = Sentence(name.partition("_")[0], tokens, spans, source)
            kept = _tidied(sentence) if source.loose else sentence
            if kept is not None:
                out.append(_names_only(kept))
    return out


def read_nominals(folder: Path, *, sources: dict[str, Source] = SOURCES) -> list[Sentence]:
    """Reads the sets of ``folder`` that mark nominals as persons, and tells them from names: their type is ``NOM``.

    A nominal has no capital, but for that which opens a sentence, of a word that the sets also write without it.
    """
    held = _held_out(folder)
    listed = [
        Sentence(name.partition("_")[0], tokens, spans, source)
        for name, source in sources.items()
        if source.nominals
        for tokens, spans in read_tagged(folder / "train" / f"{name}.iob.gz")
        if tokens not in held
    ]
    small = frozenset(token for one in listed for token in one.tokens if token.islower())
    return [
        replace(one, spans=tuple(_nominal(one.tokens, span, small) for span in one.spans)) for one in listed
    ]


def _nominal(tokens: tuple[str, ...], span: Span, small: frozenset[str]) -> Span:
    """Returns a name as it is, a nominal with the type ``NOM``; ``small`` are words that are written small."""
    start, end, kind = span
    opens = not start and tokens[0].lower() in small
    if kind == "PER" and not _capital(tokens[start + opens : end]):
        return start, end, "NOM"
    return span


def _held_out(folder: Path) -> frozenset[tuple[str, ...]]:
    """Returns the sentences of the development sets that are more than scraps."""
    paths = sorted((folder / "dev").glob("*.iob.gz"))
    return frozenset(tokens for path in paths for tokens, _ in read_tagged(path) if len(tokens) > 3)


def _names_only(sentence: Sentence) -> Sentence:
    """Drops names without a capital from a text that has capitals: RONEC marks the likes of "the minister"."""
    if not any(letter.isupper() for token in sentence.tokens for letter in token):
        return sentence
    kept = tuple(span for span in sentence.spans if _capital(sentence.tokens[span[0] : span[1]]))
    return replace(sentence, spans=kept)


def _capital(tokens: Sequence[str]) -> bool:
    """Tells whether words have a capital, or a letter of a script without capitals."""
    return any(
        letter.isupper() or not letter.islower() for token in tokens for letter in token if letter.isalpha()
    )


def _tidied(sentence: Sentence) -> Sentence | None:
    """Returns a scrap without its markup, or None when nothing is left to learn from."""
    if sentence.tokens[0].lower().strip("#:") in _REDIRECTS:
        return None
    kept = [at for at, token in enumerate(sentence.tokens) if token not in _SCRAPS]
    place = {old: new for new, old in enumerate(kept)}
    spans = tuple(
        (min(inside), max(inside) + 1, kind)
        for start, end, kind in sentence.spans
        if (inside := [place[at] for at in range(start, end) if at in place])
    )
    named = {at for start, end, _ in spans for at in range(start, end)}
    tokens = tuple(sentence.tokens[at].strip("'") or "'" for at in kept)
    if not any(any(map(str.isalpha, token)) for at, token in enumerate(tokens) if at not in named):
        return None
    return Sentence(sentence.language, tokens, spans, sentence.source)


def running(sentence: Sentence) -> int:
    """Returns how many words stand outside the names: many in a sentence, few in a scrap."""
    named = {at for start, end, _ in sentence.spans for at in range(start, end)}
    return sum(any(map(str.isalpha, token)) for at, token in enumerate(sentence.tokens) if at not in named)


def one_pass(sentences: Sequence[Sentence], rng: random.Random) -> list[Sentence]:
    """Returns the sentences of one pass over the data: of each set its share, in the order of the set.

    The order is kept so that neighbours can be joined; scraps that read like sentences are drawn more often.
    """
    by_source: dict[int, list[Sentence]] = {}
    for sentence in sentences:
        by_source.setdefault(id(sentence.source), []).append(sentence)
    out: list[Sentence] = []
    for held in by_source.values():
        source = held[0].source
        whole, rest = divmod(source.share, len(held))
        out += held * whole
        if source.loose:
            chance = {at: rng.random() ** (1 / min(12, running(one) + 1)) for at, one in enumerate(held)}
            drawn = sorted(chance, key=chance.__getitem__, reverse=True)[:rest]
        else:
            drawn = rng.sample(range(len(held)), rest)
        out += [held[at] for at in sorted(drawn)]
    return out
