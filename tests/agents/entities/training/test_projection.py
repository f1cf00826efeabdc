"""Names carried from the pivots to other languages: by id, by sound, by count; and what teaches nothing."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import orjson
import pytest

from agents.entities.knowledge.records import Record
from agents.entities.process import linker_of
from agents.entities.training.articles import PIVOTS, Article, bcp47, paragraphs, read_articles
from agents.entities.training.pieces import Text
from agents.entities.training.projection import PART, WHOLE, Projection, held_out, projected
from agents.stage import Resources

VERSIONS = {
    "eng": "Ivan Petrenko met Marta Lindqvist in Tokyo on Monday.\n\nThe two will meet again next week.",
    "deu": "Ivan Petrenko traf Marta Lindqvist am Montag in Tokio.\n\nDie beiden sehen sich nächste Woche wieder.",
    "fra": "Ivan Petrenko a rencontré Marta Lindqvist lundi à Tokyo.\n\nIls se reverront la semaine prochaine.",
    "spa": "Ivan Petrenko se reunió con Marta Lindqvist el lunes en Tokio.\n\nVolverán a verse la próxima semana.",
    "por": "Ivan Petrenko encontrou Marta Lindqvist na segunda em Tóquio.\n\nVoltam a ver-se na próxima semana.",
    "nld": "Ivan Petrenko ontmoette Marta Lindqvist maandag in Tokio.\n\nVolgende week zien ze elkaar weer.",
    "swe": "Ivan Petrenko träffade Marta Lindqvist i Tokyo i måndags.\n\nDe två ses igen nästa vecka.",
}
"""The pivots' versions of one article, our own writing."""
GEORGIAN = "ივან პეტრენკო ორშაბათს ტოკიოში მარტა ლინდქვისტს შეხვდა.\n\nისინი მომავალ კვირას კვლავ შეხვდებიან."


def articles(doc: str, **others: str) -> list[Article]:
    return [Article(language, doc, text) for language, text in {**VERSIONS, **others}.items()]


def taught(listed: list[Article]) -> dict[str, list[Text]]:
    linker, _ = linker_of(Resources(recognition="model"))
    return projected(listed, linker.link)


def names(text: Text) -> dict[str, str]:
    return {text.text[start:end]: kind for start, end, kind in text.spans}


def test_names_are_found_again_by_id_and_by_sound() -> None:
    first = taught(articles("a", kat=GEORGIAN))["kat"][0]
    assert names(first) == {"ივან პეტრენკო": "PER", "ტოკიოში": "LOC", "მარტა ლინდქვისტს": "PER"}
    assert (first.ignored, first.weight) == ((), WHOLE)


def test_pivots_are_not_taught() -> None:
    assert not set(taught(articles("a", kat=GEORGIAN))) & set(PIVOTS)


def test_where_a_name_is_not_found_only_the_names_and_their_neighbours_teach() -> None:
    text = "ორშაბათს ტოკიოში ორი მეგობარი ერთმანეთს პირველად შეხვდა.\n\nისინი კვლავ შეხვდებიან."
    first = taught(articles("a", kat=text))["kat"][0]
    assert (names(first), first.weight) == ({"ტოკიოში": "LOC"}, PART)
    said = set(range(len(first.text))) - {at for start, end in first.ignored for at in range(start, end)}
    assert "".join(first.text[at] for at in sorted(said)) == "ორშაბათსტოკიოშიორი"


def test_some_articles_are_left_to_judge_by() -> None:
    listed = [one for doc in "abcdefgh" for one in articles(doc, kat=GEORGIAN.replace("ორშაბათს", doc))]
    learnt = {text.text.split()[2] for text in taught(listed)["kat"] if text.spans}
    assert learnt == set("abcefg")
    assert held_out("hgfedcba") == set("dh")


def test_other_names_are_put_in_and_places_stay_right() -> None:
    text = Text(
        "Bei Anna Berg in Ulm regnet es.",
        ((4, 13, "PER"), (17, 20, "LOC")),
        ((0, 3), (14, 16), (21, 31)),
        PART,
    )
    other = Text("Ole Olsen", ((0, 9, "PER"),), (), WHOLE)
    record = Record(
        id="x", name="Cologne", type="LOC", kind="city", weight=1.0, names={"de": ("Köln", "Koeln")}
    )
    projection = Projection({"deu": [text, other]}, [record])
    seen: set[tuple[str, ...]] = set()
    for seed in range(200):
        for one in projection.drawn(2, random.Random(seed)):
            if len(one.spans) == 2:
                found = tuple(one.text[start:end] for start, end, _ in one.spans)
                seen.add(found)
                assert one.text == f"Bei {found[0]} in {found[1]} regnet es."
                kept = [one.text[start:end] for start, end in one.ignored]
                assert kept == [
                    "Bei",
                    "in",
                    " regnet es."[:0] + one.text[one.ignored[2][0] : one.ignored[2][1]],
                ]
                assert one.text.endswith(kept[2])
    assert seen == {(who, where) for who in ("Anna Berg", "Ole Olsen") for where in ("Ulm", "Köln")}


def test_articles_are_read_by_language(tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl.gz"
    rows = [{"doc": "1", "lang": language, "text": "A\n\n\n\nB"} for language in ("eng", "kat")]
    path.write_bytes(gzip.compress(b"\n".join(map(orjson.dumps, rows))))
    assert [one.language for one in read_articles(path)] == ["eng", "kat"]
    assert list(read_articles(path, {"kat"})) == [Article("kat", "1", "A\n\n\n\nB")]
    assert list(paragraphs("A\n\nBC")) == [(0, 1), (3, 5)]


@pytest.mark.parametrize(
    ("code", "tag"),
    [
        ("nob", "no"),
        ("arb", "ar"),
        ("srp-Cyrl", "sr-Cyrl"),
        ("zho-CN", "zh-Hans"),
        ("por-BR", "pt"),
        ("fil", "fil"),
    ],
)
def test_languages_are_named_by_their_shortest_tag(code: str, tag: str) -> None:
    assert bcp47(code) == tag
