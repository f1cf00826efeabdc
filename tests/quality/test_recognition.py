"""Floors under the figures of the shipped recogniser, on a sample of each set (15 s of processor time).

``python -m tests.quality.recognition`` prints the figures on the whole sets. A floor is two to four points under what
was measured on the sample, as far as a change of the runtime may move a figure without being worse.
"""

from __future__ import annotations

import os

import numpy as np
import pytest

from agents.entities.recognition.decode import Labelled
from agents.entities.recognition.model import FILES, FOLDER
from agents.entities.recognition.recogniser import Recogniser
from tests.quality import recognition, recognition_fit
from tests.quality.recognition import Counts, Result
from tests.quality.recognition_fit import Case

pytestmark = pytest.mark.quality

SAMPLE = 150
"""Sentences of each set."""
FLOOR = 0.765
LANGUAGES = {
    "ceb": 0.65, "da": 0.81, "de": 0.765, "en": 0.71, "hau": 0.535, "hr": 0.91, "hu": 0.80,
    "id": 0.76, "it": 0.80, "pt": 0.84, "ro": 0.73, "ru": 0.70, "sv": 0.69, "tl": 0.86,
}  # fmt: skip
ROMANIAN_NAMES = 0.80
TYPES = {"PER": 0.80, "ORG": 0.65, "LOC": 0.77}
CALIBRATION_ERROR = 0.06
"""At most; 0.12 is what the least likely word of a name gave for its confidence."""
MOST_BYTES = 50e6
"""Of all weights together."""


@pytest.fixture(scope="module")
def results() -> dict[str, Result]:
    if not recognition.DATA.is_dir():
        if os.environ.get("CI"):
            pytest.fail(f"the development data is required in CI: expected a folder at {recognition.DATA}")
        pytest.skip(f"no development data at {recognition.DATA}: set BABELWIRE_DATA")
    recogniser = Recogniser()
    measured = [recognition.measure(recogniser, path, SAMPLE) for path in recognition.sets()]
    return {result.name: result for result in measured}


def test_the_macro_average(results: dict[str, Result]) -> None:
    assert recognition.macro(list(results.values())) > FLOOR


@pytest.mark.parametrize(("language", "floor"), sorted(LANGUAGES.items()))
def test_a_language(results: dict[str, Result], language: str, floor: float) -> None:
    assert recognition.by_language(list(results.values()))[language] > floor


def test_romanian_names_without_common_nouns(results: dict[str, Result]) -> None:
    assert results["ro_ronec"].names_only.f1() > ROMANIAN_NAMES


def test_every_type_is_found(results: dict[str, Result]) -> None:
    for kind, floor in TYPES.items():
        found = [
            result.counts.f1(kind) for result in results.values() if result.counts.gold.get(kind, 0) > 20
        ]
        assert sum(found) / len(found) > floor, kind


def test_confidence_is_how_often_a_name_is_right(results: dict[str, Result]) -> None:
    assert recognition.calibration_error([result.told for result in results.values()]) < CALIBRATION_ERROR


def test_the_weights_are_small_enough_for_the_repository() -> None:
    assert sum((FOLDER / name).stat().st_size for name in FILES) < MOST_BYTES


def test_a_name_counts_only_with_its_exact_words_and_type() -> None:
    counts = Counts()
    counts.add([(0, 2, "PER"), (3, 4, "LOC"), (5, 6, "ORG")], [(0, 1, "PER"), (3, 4, "LOC"), (5, 6, "LOC")])
    assert counts.f1() == pytest.approx(1 / 3)
    assert counts.f1("LOC") == pytest.approx(2 / 3)
    assert counts.f1("ORG") == 0


def test_the_calibration_error_is_how_far_confidence_is_from_the_share_that_is_right() -> None:
    half_right = [(0.9, True), (0.9, False)] * 5
    assert recognition.calibration_error([half_right]) == pytest.approx(0.4)
    assert recognition.calibration_error([[(0.75, True)] * 3 + [(0.75, False)]]) == pytest.approx(0.0)


def test_each_set_weighs_the_same_in_the_calibration_error() -> None:
    right, wrong = [(0.9, True)] * 99, [(0.9, False)]
    assert recognition.calibration_error([right, wrong]) == pytest.approx(0.4)


def test_the_fit_finds_how_much_too_sure_the_model_is() -> None:
    draws = np.random.default_rng(0)
    cases = []
    for chance, words in zip(draws.uniform(0.02, 0.98, 20_000), draws.integers(1, 5, 20_000), strict=True):
        odds = 0.5 * np.log(chance / (1 - chance)) - 0.2 + 0.4 * np.log(words)
        name = Labelled(0, int(words), "PER", float(chance))
        cases.append(Case("one", 0, name, bool(draws.random() < 1 / (1 + np.exp(-odds)))))
    assert recognition_fit.fit(cases) == pytest.approx([-0.2, 0.5, 0.4], abs=0.06)
