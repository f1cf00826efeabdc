from __future__ import annotations

import random

import pytest
from tokenizers import Tokenizer

from agents.entities.recognition.model import FOLDER
from agents.entities.training.data import LABELS, Source
from agents.entities.training.pieces import LONGEST, Text, batches, example, joined, padded, written
from tests.agents.entities.training.annotated import sentence


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(FOLDER / "tokenizer.json"))


def marked(tokenizer: Tokenizer, text: Text) -> list[tuple[str, str]]:
    encoding = tokenizer.encode(text.text)
    made = example(text, encoding)
    return [(piece, LABELS[label]) for piece, label in zip(encoding.tokens, made.labels, strict=True)]


def test_punctuation_stands_where_a_printer_puts_it() -> None:
    given = sentence('" We ( all of us ) love Rome/LOC , " said Ana/PER . It \'s true')
    made = written(given, spaced=False)
    assert made.text == '"We (all of us) love Rome," said Ana. It\'s true'
    assert [made.text[start:end] for start, end, _ in made.spans] == ["Rome", "Ana"]


def test_spaced_text_keeps_the_tokens_apart() -> None:
    made = written(sentence("Rome/LOC , he said"), spaced=True)
    assert made.text == "Rome , he said"


def test_chinese_is_written_without_spaces() -> None:
    made = written(sentence("他 住 在 北京/LOC 。 IBM/ORG Watson/ORG", "zh"), spaced=True)
    assert made.text == "他住在北京。IBM Watson"
    assert [made.text[start:end] for start, end, _ in made.spans] == ["北京", "IBM Watson"]


def test_what_a_partial_set_leaves_unmarked_teaches_nothing(tokenizer: Tokenizer) -> None:
    given = sentence("Kantor Pertamina di Jakarta/LOC buka", "id", Source(1, partial=True))
    text = written(given, spaced=True)
    assert [text.text[start:end] for start, end in text.ignored] == ["Pertamina"]
    made = example(text, tokenizer.encode(text.text))
    silent = [
        start
        for (start, _), weight in zip(tokenizer.encode(text.text).offsets, made.weights, strict=True)
        if not weight
    ]
    assert all(6 <= start < 16 or start == 0 for start in silent)
    assert 1.0 in made.weights


def test_the_first_piece_of_a_name_begins_it_and_all_others_are_inside(tokenizer: Tokenizer) -> None:
    text = Text("Volodymyr Zelenskyy Kyjiv", ((0, 19, "PER"), (20, 25, "LOC")), (), 1.0)
    pieces = marked(tokenizer, text)[1:-1]
    labels = [label for _, label in pieces]
    at = next(place for place, (piece, _) in enumerate(pieces) if "K" in piece)
    assert labels[:at] == ["B-PER"] + ["I-PER"] * (at - 1)
    assert labels[at:] == ["B-LOC"] + ["I-LOC"] * (len(labels) - at - 1)


def test_two_names_that_touch_are_two(tokenizer: Tokenizer) -> None:
    labels = [
        label for _, label in marked(tokenizer, Text("中国北京", ((0, 2, "LOC"), (2, 4, "LOC")), (), 1.0))
    ]
    assert labels.count("B-LOC") == 2


def test_the_marks_around_a_text_weigh_nothing(tokenizer: Tokenizer) -> None:
    text = Text("Rome", ((0, 4, "LOC"),), (), 0.5)
    made = example(text, tokenizer.encode(text.text))
    assert made.weights[0] == made.weights[-1] == 0
    assert set(made.weights[1:-1]) == {0.5}


def test_joined_texts_keep_their_names() -> None:
    one = Text("Ana sings.", ((0, 3, "PER"),), (), 1.0)
    two = Text("In Rome?", ((3, 7, "LOC"),), ((0, 2),), 1.0)
    made = joined([one, two])
    assert made.text == "Ana sings. In Rome?"
    assert [made.text[start:end] for start, end, _ in made.spans] == ["Ana", "Rome"]
    assert [made.text[start:end] for start, end in made.ignored] == ["In"]


def test_batches_hold_every_text_once_and_are_bounded(tokenizer: Tokenizer) -> None:
    texts = [Text("word " * (1 + at % 70), (), (), 1.0) for at in range(300)]
    made = list(batches(texts, tokenizer, random.Random(0), pieces=256))
    assert sum(map(len, made)) == 300
    assert max(len(batch) * max(len(one.ids) for one in batch) for batch in made) <= 256
    assert sum(len(one.ids) for batch in made for one in batch) == sum(
        len(tokenizer.encode(one.text).ids) for one in texts
    )


def test_a_text_that_is_too_long_is_cut(tokenizer: Tokenizer) -> None:
    text = Text("word " * 1000, (), (), 1.0)
    assert len(example(text, tokenizer.encode(text.text)).ids) == LONGEST


def test_shorter_texts_of_a_batch_are_padded(tokenizer: Tokenizer) -> None:
    made = [
        example(one, tokenizer.encode(one.text))
        for one in (Text("a", (), (), 1.0), Text("a b c d", (), (), 1.0))
    ]
    ids, mask, labels, weights = padded(made)
    assert ids.shape == mask.shape == labels.shape == weights.shape
    assert mask[0].sum() == len(made[0].ids) < mask.shape[1]
    assert (ids[0][mask[0] == 0] == 1).all()
    assert (weights[mask == 0] == 0).all()
