from __future__ import annotations

import random
from pathlib import Path

import pytest

from agents.entities.recognition import decode
from agents.entities.training.data import (
    LABELS,
    NOMINAL,
    SOURCES,
    Source,
    one_pass,
    read_nominals,
    read_sources,
    spans_of,
)
from tests.agents.entities.training.annotated import licences, sentence, write


def test_the_model_is_trained_in_the_order_of_labels_the_runtime_reads() -> None:
    assert (*LABELS, *NOMINAL) == decode.LABELS


def test_tags_become_names_and_a_lone_inside_begins_one() -> None:
    assert spans_of(["B-PER", "I-PER", "O", "I-LOC", "B-LOC", "I-ORG"]) == (
        (0, 2, "PER"),
        (3, 4, "LOC"),
        (4, 5, "LOC"),
        (5, 6, "ORG"),
    )


def test_a_set_that_may_only_judge_is_refused(tmp_path: Path) -> None:
    licences(tmp_path, xx_good="ship", xx_bad="judge")
    write(tmp_path, "train", "xx_bad", ["Ana/B-PER sings"])
    with pytest.raises(ValueError, match="xx_bad"):
        read_sources(tmp_path, sources={"xx_bad": Source(1)})


def test_a_set_that_nobody_lists_is_refused(tmp_path: Path) -> None:
    licences(tmp_path, xx_good="ship")
    with pytest.raises(ValueError, match="xx_new"):
        read_sources(tmp_path, sources={"xx_new": Source(1)})


def test_sentences_of_the_development_sets_are_not_trained_on(tmp_path: Path) -> None:
    licences(tmp_path, xx_good="ship")
    write(tmp_path, "train", "xx_good", ["Ana/B-PER sings in Cluj/B-LOC", "Ion/B-PER sings in Arad/B-LOC"])
    write(tmp_path, "dev", "yy_other", ["Ana sings in Cluj"])
    [kept] = read_sources(tmp_path, sources={"xx_good": Source(1)})
    assert kept.tokens == ("Ion", "sings", "in", "Arad")


def test_common_nouns_marked_as_persons_are_none_unless_all_is_small(tmp_path: Path) -> None:
    licences(tmp_path, ro_set="ship")
    write(
        tmp_path, "train", "ro_set",
        ["Ministrul ieri/B-PER a vorbit cu Ana/B-PER Pop/I-PER", "ministrul ana/B-PER pop/I-PER"],
    )  # fmt: skip
    first, second = read_sources(tmp_path, sources={"ro_set": Source(1)})
    assert first.spans == ((5, 7, "PER"),)
    assert second.spans == ((1, 3, "PER"),)


def test_nominals_are_told_from_names_by_their_capital(tmp_path: Path) -> None:
    write(
        tmp_path, "train", "ro_set",
        [
            "Ministrul/B-PER a văzut/O ministrul/B-PER lui Ana/B-PER Pop/I-PER",
            "Purtătorul/B-PER de/I-PER cuvânt/I-PER tace", "Alt purtătorul Cluj/B-LOC",
            "Noi/B-PER doi/I-PER la gară/B-LOC",
            "Mircescu/B-PER tace", "Seen noi here before",
        ],
    )  # fmt: skip
    write(tmp_path, "train", "xx_set", ["her/B-PER"])
    write(tmp_path, "dev", "ro_set", ["Seen noi here before"])
    found = read_nominals(tmp_path, sources={"ro_set": Source(1, nominals=True), "xx_set": Source(1)})
    assert [one.spans for one in found] == [
        ((0, 1, "NOM"), (3, 4, "NOM"), (5, 7, "PER")),
        ((0, 3, "NOM"),),
        ((2, 3, "LOC"),),
        ((0, 2, "PER"), (3, 4, "LOC")),
        ((0, 1, "PER"),),
    ]


def test_a_name_in_a_script_without_capitals_stays(tmp_path: Path) -> None:
    licences(tmp_path, zh_set="ship")
    write(tmp_path, "train", "zh_set", ["北京/B-LOC 很 大 OK"])
    [kept] = read_sources(tmp_path, sources={"zh_set": Source(1)})
    assert kept.spans == ((0, 1, "LOC"),)


def test_scraps_lose_their_markup_and_those_that_are_nothing_but_a_name_go(tmp_path: Path) -> None:
    licences(tmp_path, de_wiki="ship")
    write(
        tmp_path, "train", "de_wiki",
        ["*** '' Bonn/B-LOC '' am Rhein/B-LOC", "Bonn/B-LOC", "Weiterleitung Max/B-PER Ernst/I-PER heute"],
    )  # fmt: skip
    [kept] = read_sources(tmp_path, sources={"de_wiki": Source(1, loose=True)})
    assert kept.tokens == ("Bonn", "am", "Rhein")
    assert kept.spans == ((0, 1, "LOC"), (2, 3, "LOC"))


def test_a_pass_takes_of_each_set_its_share_and_keeps_neighbours_together() -> None:
    small, large = Source(5), Source(3)
    held = [sentence(f"s{at}", source=small) for at in range(2)]
    held += [sentence(f"l{at}", source=large) for at in range(50)]
    drawn = one_pass(held, random.Random(0))
    assert sorted(one.tokens[0] for one in drawn if one.source is small) in (
        ["s0", "s0", "s0", "s1", "s1"],
        ["s0", "s0", "s1", "s1", "s1"],
    )
    of_large = [int(one.tokens[0][1:]) for one in drawn if one.source is large]
    assert len(of_large) == 3
    assert of_large == sorted(of_large)


def test_scraps_that_read_like_sentences_are_drawn_more_often() -> None:
    loose = Source(40, loose=True)
    bare = [sentence("Bonn/LOC ,", source=loose) for _ in range(200)]
    full = [sentence("he was born in Bonn/LOC and went to school there", source=loose) for _ in range(200)]
    drawn = one_pass(bare + full, random.Random(0))
    assert sum(len(one.tokens) > 2 for one in drawn) > 30


def test_no_set_is_named_that_marks_too_little_without_saying_so() -> None:
    assert SOURCES["id_nergrit"].partial
    assert all(source.loose and source.weight < 1 for name, source in SOURCES.items() if "wikiann" in name)
