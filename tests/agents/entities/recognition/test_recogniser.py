"""The model that is shipped, as the linker runs it."""

from __future__ import annotations

import hashlib
import time

import numpy as np
import pytest

from agents.entities.recognition.decode import LABELS, LEAST, NAMELESS
from agents.entities.recognition.model import FILES, FOLDER
from agents.entities.recognition.recogniser import MAX_TEXT, Recogniser

HOSTILE = {
    "no spaces": "a" * MAX_TEXT,
    "no words": "." * MAX_TEXT,
    "marks": "e" + "\u0301" * MAX_TEXT,
    "Chinese without an end": "北京和莫斯科" * (MAX_TEXT // 6),
    "quotes": '."' * (MAX_TEXT // 2),
    "a letter a line": "A\n" * (MAX_TEXT // 2),
}


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return Recogniser()


@pytest.mark.parametrize(
    ("tag", "text", "wanted"),
    [
        ("en", "Peter Weber flew to Lisbon on Monday.", {("Peter Weber", "PER"), ("Lisbon", "LOC")}),
        ("de", "In Hamburg sprach Jürgen Stahlmann.", {("Hamburg", "LOC"), ("Jürgen Stahlmann", "PER")}),
        ("ru", "Андрей Колбасов приехал в Саратов.", {("Андрей Колбасов", "PER"), ("Саратов", "LOC")}),
        ("ar", "وصل أحمد منصور إلى باريس.", {("أحمد منصور", "PER"), ("باريس", "LOC")}),
        ("zh", "王小明昨天抵达上海。", {("王小明", "PER"), ("上海", "LOC")}),
    ],
)
def test_names_are_found_in_their_place(
    recogniser: Recogniser, tag: str, text: str, wanted: set[tuple[str, str]]
) -> None:
    found = recogniser.spans(text, tag)
    assert {(text[span.start : span.end], span.type) for span in found} == wanted
    assert all(0.5 < span.confidence <= 1 for span in found)


def test_persons_called_by_common_nouns_are_nominals_and_no_names(recogniser: Recogniser) -> None:
    text = "Ofițerii l-au dus pe Ion Mircescu la Iași, a declarat ministrul."
    read = recogniser.read(text, "ro")
    assert {text[start:end] for start, end in read.nominals} >= {"Ofițerii", "ministrul"}
    assert [text[span.start : span.end] for span in read.spans] == ["Ion Mircescu", "Iași"]
    opens = read.starts.index(0)
    assert read.chances[opens] < 0.3


@pytest.mark.parametrize(
    ("tag", "text", "wanted"),
    [
        ("ro", "Ea predă la Universitatea „Babeș-Bolyai” din Cluj.", "Universitatea „Babeș-Bolyai”"),
        ("pt", 'A Escola "Fernando Pessoa" foi fechada.', 'Escola "Fernando Pessoa"'),
        ("hu", "A „Szent István” Egyetem rektora nyilatkozott.", "„Szent István” Egyetem"),
        ("en", "She joined the World Health Organization (WHO) in May.", "World Health Organization"),
        ("ro", "Directorul companiei „Electrica” a demisionat.", "Electrica"),
    ],
)
def test_a_name_has_both_halves_of_a_quotation_in_it(
    recogniser: Recogniser, tag: str, text: str, wanted: str
) -> None:
    assert wanted in [text[span.start : span.end] for span in recogniser.spans(text, tag)]


def test_no_name_is_lost_at_a_seam(recogniser: Recogniser) -> None:
    surnames = ("Schmidt", "Weber", "Wagner", "Becker", "Hoffmann", "Koch", "Richter", "Klein")
    given = ("Anna", "Peter", "Maria", "Thomas", "Julia", "Stefan", "Petra", "Markus", "Sabine", "Andreas")
    names = [f"{one} {other}" for one in given for other in surnames]
    text = "Anwesend waren " + ", ".join(names) + " und andere."
    found = [text[span.start : span.end] for span in recogniser.spans(text, "de")]
    assert found == names


def test_the_same_article_gives_the_same_spans_and_another_does_not_matter(recogniser: Recogniser) -> None:
    text = "Peter Weber flew to Lisbon. " * 20 + "\nPeter Weber stayed in Berlin. " * 3
    first = recogniser.read(text, "en")
    recogniser.read("Ein ganz anderer Text über München.", "de")
    assert recogniser.read(text, "en") == first
    assert Recogniser().read(text, "en") == first


def test_only_wanted_sentences_are_read(recogniser: Recogniser) -> None:
    text = "Maria Koch left Lisbon. Peter Weber stayed in Berlin."
    reading = recogniser.read(text, "en", lambda start, end: start > 0)
    assert [text[span.start : span.end] for span in reading.spans] == ["Peter Weber", "Berlin"]
    assert reading.chance(0, 6) is None
    assert (reading.chance(text.index("Berlin"), text.index("Berlin") + 6) or 0) > 0.9
    assert (reading.chance(text.index("stayed"), text.index("stayed") + 6) or 0) < 0.1


def test_labels_are_what_a_reading_is_made_of_and_have_the_unlikely_names_too(recogniser: Recogniser) -> None:
    text = "The Bundesbank and the Harbour Board of Trade met Sunny Side Up."
    reading = recogniser.read(text, "en")
    labels = recogniser.labelled(text)
    assert [(one.start, one.end, one.name.kind) for one in labels.names] == [
        (span.start, span.end, span.type) for span in reading.spans
    ]
    assert [text[start:end] for start, end in labels.words] == [*text[:-1].split(), "."]
    assert labels.words == list(zip(reading.starts, reading.ends, strict=True))
    assert labels.scores.shape == (len(labels.words), len(LABELS))
    assert np.exp(labels.scores[:, NAMELESS]).sum(axis=1).tolist() == pytest.approx(
        [1 - one for one in reading.chances], abs=6e-4
    )
    every = recogniser.labelled(text, least=0.0).names
    unlikely = [one for one in every if one not in labels.names]
    assert {one.start for one in unlikely} == {text.index("Sunny")}
    assert all(one.name.probability < LEAST for one in unlikely)
    assert recogniser.labelled(" ").scores.shape == (0, len(LABELS))


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_takes_longer_than_the_bound_allows(recogniser: Recogniser, name: str) -> None:
    start = time.process_time()
    reading = recogniser.read(HOSTILE[name], "en")
    assert reading.starts == sorted(reading.starts)
    assert time.process_time() - start < 15


@pytest.mark.parametrize("text", ["", " \n ", "\x00\x00", "\ud800 Berlin \udfff", "\u200b" * 50, "…", "A"])
def test_any_string_is_taken(recogniser: Recogniser, text: str) -> None:
    for span in recogniser.spans(text, "und"):
        assert 0 <= span.start < span.end <= len(text)


def test_the_version_is_the_digest_of_the_files(recogniser: Recogniser) -> None:
    state = hashlib.sha256()
    for name in FILES:
        state.update(hashlib.sha256((FOLDER / name).read_bytes()).digest())
    assert recogniser.version == state.hexdigest()[:16]
