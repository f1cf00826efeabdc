"""Golden samples, one a language: each line says what becomes of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from agents.clean.residue.phrasebook import all_phrases, fold_words
from agents.clean.stage import STAGE
from agents.stage import Emit, Resources
from schemas.article import RawArticle

SAMPLES = sorted(Path(__file__).with_name("samples").glob("*.txt"))
PHRASES = sorted((Path(__file__).parents[3] / "agents" / "clean" / "residue" / "phrases").glob("*.toml"))
PROCESS = STAGE.load(Resources())


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_each_line_is_kept_or_removed_for_its_reason(path: Path) -> None:
    labelled = [line.split(" | ", 1) for line in path.read_text(encoding="utf-8").splitlines()]
    content = "\n".join(line for _, line in labelled)
    outcome = PROCESS(RawArticle(id="a", content=content, received_at=datetime(2026, 11, 21, tzinfo=UTC)))
    assert isinstance(outcome, Emit)
    assert outcome.article.text.split("\n") == [line for label, line in labelled if label == "keep"]
    reasons = {item.text.strip(): item.reason for item in outcome.article.removed}
    assert reasons == {line.strip(): label for label, line in labelled if label != "keep"}


def test_there_are_phrases_for_at_least_25_languages() -> None:
    assert len([path for path in PHRASES if path.stem != "any"]) >= 25


def test_a_phrase_is_found_in_its_forms() -> None:
    phrases = all_phrases()

    def reasons(text: str) -> set[str]:
        return {hit.reason for hit in phrases.search(fold_words(text)) if hit.whole}

    assert reasons("SUBSCRIBE TO OUR NEWSLETTER!") == {"subscription"}
    assert "related_teaser" in reasons("続きを読む")
    assert "share_buttons" in reasons("공유하기")
    assert reasons("The newsletter of the bird society was founded in 1904 by two sisters.") == set()
