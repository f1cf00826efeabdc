"""Writes annotated sets in the form the real ones have."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from pathlib import Path

from agents.entities.training.data import Sentence, Source

SOURCE = Source(10)


def write(folder: Path, part: str, name: str, sentences: Iterable[str]) -> None:
    """Writes a set; a sentence is ``token/tag`` words, a word alone is ``O``."""
    (folder / part).mkdir(parents=True, exist_ok=True)
    with gzip.open(folder / part / f"{name}.iob.gz", "wt", encoding="utf-8") as out:
        for sentence in sentences:
            for word in sentence.split():
                token, _, tag = word.partition("/")
                out.write(f"{token}\t{tag or 'O'}\n")
            out.write("\n")


def licences(folder: Path, **uses: str) -> None:
    """Writes the table of licences."""
    rows = [f"| {name} | 1 | 1 | 0 | 0 | 0 | somewhere | a licence | {use} |" for name, use in uses.items()]
    (folder / "LICENCES.md").write_text("\n".join(["# Sets", "", *rows, ""]), "utf-8")


def sentence(text: str, language: str = "en", source: Source = SOURCE) -> Sentence:
    """Returns a sentence written as ``token/PER`` words; neighbours of one type are one name."""
    tokens, spans = [], []
    for word in text.split():
        token, _, kind = word.partition("/")
        at = len(tokens)
        tokens.append(token)
        if kind and spans and spans[-1][1] == at and spans[-1][2] == kind:
            spans[-1] = (spans[-1][0], at + 1, kind)
        elif kind:
            spans.append((at, at + 1, kind))
    return Sentence(language, tuple(tokens), tuple(spans), source)
