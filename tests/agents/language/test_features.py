"""What is asked about a text before the decision."""

from __future__ import annotations

import math

import pytest

from agents.language import decide, features
from agents.language.features import FEATURES, Knowledge


@pytest.fixture(scope="module")
def known() -> Knowledge:
    return decide.load().known


def test_a_headline_is_asked_again_without_its_names(known: Knowledge) -> None:
    evidence = features.gather(known, "Bayern Munich spelar mot Manchester United i kväll")
    assert evidence.rest is not None
    assert evidence.rest.fit.words == 4
    assert max(evidence.rest.bayes, key=evidence.rest.bayes.__getitem__) == "sv"


@pytest.mark.parametrize(
    "text",
    [
        "alla små bokstäver i hela raden",
        "ALLA STORA BOKSTÄVER I HELA RADEN",
        "Bayern Munich Manchester United",
        "東京で新しい橋が開通した",
        "Riksdagen har i dag beslutat om en ny lag. " * 8,
    ],
)
def test_without_names_or_anything_else_and_in_prose_there_is_nothing_to_ask_again(
    known: Knowledge, text: str
) -> None:
    evidence = features.gather(known, text)
    assert evidence.rest is None
    groups = features.candidates(known, evidence)
    rows = features.vectors(known, evidence, groups)
    places = [FEATURES.index(name) for name in ("rest bayes", "rest compact", "rest profile", "none rest")]
    assert all(row[place] == 0 for row in rows for place in places)


def test_the_language_of_the_other_words_is_a_candidate_that_they_speak_for(known: Knowledge) -> None:
    evidence = features.gather(known, "Saturday Night Live: Kanye West och hans vänner")
    groups = features.candidates(known, evidence)
    rows = dict(zip(groups, features.vectors(known, evidence, groups), strict=True))
    place = FEATURES.index("rest bayes")
    assert ("sv",) in rows
    assert rows["sv",][place] > -0.5
    assert all(row[place] <= rows["sv",][place] for group, row in rows.items() if group)


def test_constants_of_a_family_with_given_weights_grow_with_the_length_of_the_text(known: Knowledge) -> None:
    short, long = (features.gather(known, "Predsjednik je danas u Sarajevu. " * times) for times in (1, 8))
    assert features.constant(short, known.families["bs"]) == 0.0
    assert features.constant(long, known.families["bs"]) == pytest.approx(math.log1p(long.letters) - 4)
    assert (
        features.constant(short, known.families["nb"]) == features.constant(long, known.families["nb"]) == 1.0
    )
