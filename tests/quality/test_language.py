"""Floors under the figures of the language stage, on a subsample; ``python -m tests.quality.language`` prints all.

The profiles are made of the development articles, so the floors on them only guard what is shipped; the native
sentences are nobody's training data. Honest figures by halves are in docs/quality-language.md.
"""

from __future__ import annotations

import os

import pytest

from agents.language.decide import Judge
from tests.quality import language
from tests.quality.language import Answer
from tests.quality.language_data import DATA, items

pytestmark = pytest.mark.quality

if not (DATA / "lid" / "main-dev.jsonl.gz").exists():
    if os.environ.get("CI"):
        pytest.fail(f"no development data at {DATA}: set BABELWIRE_DATA", pytrace=False)
    pytest.skip("no development data: set BABELWIRE_DATA", allow_module_level=True)


@pytest.fixture(scope="module")
def model() -> Judge:
    return language.judge(None)


def answers(model: Judge, name: str, kind: str, every: int, core: bool = True) -> list[Answer]:
    chosen = [item for item in items(name) if item.kind == kind and item.core == core]
    return language.ask(model, chosen[::every])


@pytest.mark.parametrize(("kind", "floor"), [("headline", 96.5), ("paragraph", 99.0), ("article", 99.4)])
def test_core_languages_are_tagged_right(model: Judge, kind: str, floor: float) -> None:
    found = answers(model, "main", kind, 4)
    assert language.macro(found) >= floor
    covered, precise = language.reliable(found)
    assert precise >= 99.7
    assert covered >= {"headline": 80, "paragraph": 93, "article": 94}[kind]
    assert language.calibration(found) < 0.03


def test_native_sentences_nothing_was_fitted_on(model: Judge) -> None:
    found = answers(model, "native", "sentence", 1)  # all: a third has too few in a bin to be calibrated by
    assert language.macro(found) >= 94.5
    assert language.macro(found, lenient=True) >= 98.3
    covered, precise = language.reliable(found)
    assert covered >= 84
    assert precise >= 99.5
    assert language.calibration(found) < 0.02


def test_capitals_are_read(model: Judge) -> None:
    assert language.macro(answers(model, "noise", "upper", 2), lenient=True) >= 98.5


@pytest.mark.parametrize("kind", ["paragraph", "article"])
def test_the_other_languages_are_tagged_as_themselves(model: Judge, kind: str) -> None:
    found = answers(model, "main", kind, 4, core=False)
    assert language.macro(found) >= 95
    wrong = [answer for answer in found if answer.verdict.reliable and not answer.lenient]
    assert len(wrong) / len(found) < 0.01


def test_mixed_documents_are_cut_right(model: Judge) -> None:
    strict, lenient = language.mixed(model, every=6)
    assert strict >= 99.5
    assert lenient >= 99.6


def test_articles_in_one_language_stay_whole(model: Judge) -> None:
    chosen = [item for item in items("main") if item.core and item.kind == "article"][::40]
    assert language.whole(model, chosen) <= 1.0
