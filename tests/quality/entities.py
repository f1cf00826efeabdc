"""Measures the stage `entities` on the seeds with gold, and its agreement across languages.

``python -m tests.quality.entities`` prints what the floors in ``test_entities.py`` are set by; with ``--agreement``
that across languages too, with ``--rules`` by rules alone, without the recogniser; with ``--names`` how often the
spellings of a person's name share a provisional id, and how often other persons' names do.
"""

from __future__ import annotations

import gzip
import os
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import orjson

from agents.clean.stage import STAGE as CLEAN
from agents.entities.knowledge.kb import Compiled
from agents.entities.knowledge.records import ANY, SHARED
from agents.entities.knowledge.sources.curated import curated
from agents.entities.spelling.fold import key, words
from agents.entities.spelling.names import provisional_id
from agents.entities.stage import STAGE as ENTITIES
from agents.entities.training.articles import bcp47, read_articles
from agents.entities.training.projection import held_out
from agents.stage import Emit, Resources
from schemas.article import EnrichedArticle, Language, RawArticle, TaggedArticle
from schemas.offsets import to_clean
from tests.agents.entities.articles import tagged

DATA = Path(os.environ.get("BABELWIRE_DATA", Path(__file__).parents[3] / "shared" / "data"))
WHEN = datetime(2026, 11, 21, tzinfo=UTC)
BEST_RESOURCED = (
    "deu", "fra", "spa", "por", "ita", "nld", "pol", "rus", "ukr", "ces", "slk", "ron", "bul", "hun",
    "ell", "tur", "swe", "dan", "nob", "fin", "est", "lit", "lav", "hrv", "slv", "srp-Cyrl", "srp-Latn",
    "bos", "mkd", "sqi", "cat", "glg", "eus", "ind", "msa", "fil", "vie", "tha", "kor", "jpn", "zho-CN",
    "zho-TW", "arb", "heb", "fas", "hin", "ben", "mar", "tam", "tel", "urd", "guj", "kan", "mal", "kat",
    "hye", "aze-Latn", "kaz", "bel", "isl",
)  # fmt: skip
"""The 60 languages agreement is asked of: those with most text on the open web that NTREX has."""


@dataclass(slots=True)
class Score:
    """Counts over mentions."""

    gold: int = 0
    detected: int = 0
    exact: int = 0
    predicted: int = 0
    spurious: int = 0
    linked: int = 0
    right: int = 0
    missed: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    metonyms: int = 0
    metonyms_right: int = 0

    @property
    def precision(self) -> float:
        return 1 - self.spurious / max(1, self.predicted)

    @property
    def recall(self) -> float:
        return self.detected / max(1, self.gold)

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / max(1e-9, self.precision + self.recall)

    @property
    def link_precision(self) -> float:
        """Right links among all links given, those on nothing included."""
        return self.right / max(1, self.linked)

    @property
    def link_recall(self) -> float:
        return self.right / max(1, self.gold)


def seeds() -> Score:
    """Scores the seeds with gold, cleaned by the stage `clean`; gold in what was removed does not count."""
    score = Score()
    clean = CLEAN.load(Resources())
    entities = ENTITIES.load(Resources())
    lexicon = Compiled()
    gold = orjson.loads((DATA / "seeds" / "gold_mentions.json").read_bytes())
    for name, document in gold["docs"].items():
        content = (DATA / "seeds" / name).read_text("utf-8")
        outcome = clean(RawArticle(id=name, content=content, received_at=WHEN))
        assert isinstance(outcome, Emit)
        cleaned = outcome.article
        fields = {item: getattr(cleaned, item) for item in cleaned.__dataclass_fields__}
        language = Language(tag=document["lang"], script="Latn", confidence=1.0, reliable=True)
        result = entities(TaggedArticle(**fields, language=language))
        assert isinstance(result, Emit)
        _compare(result.article, document, score, lexicon, name[:3])
    return score


def _compare(
    article: EnrichedArticle, document: dict[str, Any], score: Score, lexicon: Compiled, name: str
) -> None:
    names = {entity.id: entity.name for entity in article.entities}
    kept = []
    for gold in document["mentions"]:
        start, end = to_clean(article.alignment, gold["start"], gold["end"])
        if end > start:
            kept.append(gold)
    scored = [gold for gold in kept if not gold.get("optional")]
    used: set[int] = set()
    score.gold += len(scored)
    for gold in scored:
        hit = next(
            (
                n
                for n, m in enumerate(article.mentions)
                if m.raw_start < gold["end"] and gold["start"] < m.raw_end
            ),
            None,
        )
        label = f"{name} {gold['start']} {gold['surface']!r}"
        if hit is None:
            score.missed.append(label)
            continue
        mention = article.mentions[hit]
        score.detected += 1
        score.exact += (mention.raw_start, mention.raw_end) == (gold["start"], gold["end"])
        if "metonym_of" in gold:
            score.metonyms += 1
            score.metonyms_right += mention.metonym_of == gold["metonym_of"]["qid"]
        if hit not in used and mention.entity_id:
            score.linked += 1
        used.add(hit)
        if mention.entity_id and _same(mention.entity_id, names[mention.entity_id], gold, lexicon):
            score.right += 1
        else:
            score.wrong.append(
                f"{label} as {mention.entity_id} ({mention.method}), not {gold['canonical']} {gold['qid']}"
            )
    unscored = [(gold["start"], gold["end"]) for gold in kept if gold.get("optional")] + document[
        "ignore_spans"
    ]
    for n, mention in enumerate(article.mentions):
        if n in used:
            score.predicted += 1
            continue
        if any(mention.raw_start < end and start < mention.raw_end for start, end in unscored):
            continue
        score.predicted += 1
        score.spurious += 1
        score.linked += mention.entity_id is not None
        score.false.append(
            f"{name} {mention.raw_start} {mention.text!r} as {mention.entity_id} ({mention.method})"
        )


def _same(identifier: str, found: str, gold: dict[str, Any], lexicon: Compiled) -> bool:
    if gold["qid"] and identifier == gold["qid"]:
        return True
    stored = {lexicon.item(posting.entity).id for posting in lexicon.find(key(gold["canonical"]))}
    if identifier in stored:
        return True
    if gold["qid"] is None and identifier.startswith("gov:"):
        country = identifier.split(":")[1]
        return (
            country in {"RU", "GB"} and {"RU": "Russia", "GB": "Commonwealth"}[country] in gold["canonical"]
        )
    return gold["qid"] is None and not stored and key(found).split()[-1] in key(gold["canonical"])


def news() -> Iterator[tuple[str, str, str]]:
    """Yields document, language and text of the parallel news."""
    for article in read_articles(DATA / "news" / "ntrex-dev.jsonl.gz"):
        yield article.doc, article.language, article.text


def agreement(
    languages: Sequence[str] = BEST_RESOURCED,
    documents: int | None = None,
    recognition: Literal["model", "rules"] = "model",
) -> dict[str, dict[str, float]]:
    """Returns for each language, by article, the Jaccard of its entity ids with the English ones.

    Of ids with two mentions or more; an article that has none in both languages has no value.
    """
    process = ENTITIES.load(Resources(recognition=recognition))
    found: dict[str, dict[str, set[str]]] = defaultdict(dict)
    for doc, lang, text in news():
        if lang in (*languages, "eng") and (documents is None or len(found[lang]) < documents):
            outcome = process(tagged(text, bcp47(lang)))
            assert isinstance(outcome, Emit)
            found[lang][doc] = {entity.id for entity in outcome.article.entities if entity.mentions >= 2}
    english = found.pop("eng")
    return {
        lang: {
            doc: len(ids & english[doc]) / len(ids | english[doc])
            for doc, ids in docs.items()
            if ids | english[doc]
        }
        for lang, docs in found.items()
    }


def means(values: dict[str, dict[str, float]], only: Set[str] | None = None) -> dict[str, float]:
    """Returns each language's mean over its articles, or over those named."""
    return {
        lang: statistics.mean(value for doc, value in docs.items() if only is None or doc in only)
        for lang, docs in values.items()
    }


@dataclass(frozen=True, slots=True)
class Names:
    """How provisional ids join the spellings of a name, and what else they join."""

    pairs: int
    """Persons' English names in `curated/`, each with another spelling of as many words."""
    joined: int
    """Those with one id."""
    persons: int = 0
    """Other persons' English names of two words or more."""
    confused: int = 0
    """Those that share an id with another's."""


def names() -> Names:
    """Counts the pairs that get one provisional id; the confused ones too where the table of persons is at hand."""
    same = [provisional_id(one) == provisional_id(other) for one, other in _spellings()]
    table = DATA / "kb" / "wikidata-ids.tsv.gz"
    found: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    if table.exists():
        with gzip.open(table, "rt", encoding="utf-8") as file:
            for line in file:
                row = line.rstrip("\n").split("\t")
                name = tuple(words(row[1]))
                if row[2] == "PER" and len(name) > 1:
                    found[provisional_id(name)].add(name)
    sizes = [len(listed) for listed in found.values()]
    return Names(len(same), sum(same), sum(sizes), sum(size for size in sizes if size > 1))


def _spellings() -> Iterator[tuple[list[str], list[str]]]:
    for record in curated():
        own = words(record.name)
        for language, listed in record.names.items():
            for name in listed if record.type == "PER" and language not in (ANY, SHARED, "en") else ():
                other = words(name)
                if len(other) == len(own) > 1 and other != own:
                    yield own, other


def main() -> None:
    """Prints the measurements."""
    score = seeds()
    out = sys.stdout.write
    out(
        f"seeds: {score.gold} gold mentions, "
        f"detection P {score.precision:.3f} R {score.recall:.3f} F1 {score.f1:.3f}, "
        f"exact span {score.exact / score.gold:.3f}, link P {score.link_precision:.3f} R {score.link_recall:.3f}, "
        f"metonyms {score.metonyms_right}/{score.metonyms}\n"
    )
    for title, listed in (("missed", score.missed), ("false", score.false), ("wrong", score.wrong)):
        for line in listed:
            out(f"  {title}: {line}\n")
    if "--names" in sys.argv:
        found = names()
        out(f"spellings: {found.joined} of {found.pairs} pairs share an id; ")
        out(f"{found.confused} of {found.persons} other names share one with another\n")
    if "--agreement" in sys.argv:
        values = agreement(recognition="rules" if "--rules" in sys.argv else "model")
        apart = held_out({doc for doc, _, _ in news()})
        mean, unseen = statistics.mean(means(values).values()), statistics.mean(means(values, apart).values())
        out(f"agreement with English, mean over {len(values)} languages: {mean:.3f}\n")
        out(f"on the {len(apart)} articles whose names the weights were not taught: {unseen:.3f}\n")
        for lang, value in sorted(means(values).items(), key=lambda entry: entry[1]):
            out(f"  {lang:12} {value:.3f}\n")


if __name__ == "__main__":
    main()
