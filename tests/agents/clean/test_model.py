"""The two looks of the line model."""

from __future__ import annotations

import numpy as np
import pytest

from agents.clean.features import features
from agents.clean.model import LineModel, line_model
from agents.clean.phrasebook import all_phrases
from agents.clean.rules import line_views
from agents.clean.story import WIDTH, standing

STORY = [
    "The harbour council met on Friday and agreed that the second ferry shall sail twice a day from spring.",
    "Fishermen had opposed the plan, because the new quay takes a third of the berths where they land their catch.",
    "The council said that the ferry will carry four hundred passengers and leave from the old quay in the morning.",
]


def rows(*lines: str) -> np.ndarray:
    return features(line_views(lines, all_phrases()))


def test_the_second_look_sees_where_the_story_lies() -> None:
    found = standing(np.array([3.0, -4.0, -4.0, 2.0, 1.0]), rows("Menu", *STORY[:2], "Weather", "Sport"))
    assert found.shape == (5, WIDTH)
    assert found[:, 0].tolist() == [3, -4, -4, 2, 1]
    assert found[:, 1].tolist() == [0, 3, -4, -4, 2], "the line above"
    assert found[:, 2].tolist() == [-4, -4, 2, 1, 0], "the line below"
    assert found[:, 9].tolist() == [-1, 0, 1, 2, 3], "lines from the first paragraph"
    assert found[:, 10].tolist() == [-2, -1, 0, 1, 2], "lines from the last paragraph"
    assert found[:, 13].tolist() == [-4, -4, 1, 1, 6], "the surest of the story's own that is still to come"
    assert found[0, 11] == pytest.approx(0, abs=0.01), "how much of the story lies above"
    assert found[3, 11] == pytest.approx(1, abs=0.05)


def test_a_text_without_a_paragraph_has_no_place_for_its_story() -> None:
    found = standing(np.array([1.0, 2.0]), rows("Menu", "Weather"))
    assert np.isfinite(found).all()
    assert found[:, 9].tolist() == [-2, -1]
    assert found[:, 10].tolist() == [1, 2]


def test_a_clean_text_is_not_looked_at_again() -> None:
    model = line_model()
    clean = rows(*STORY)
    alone = model.first.logits(clean)
    assert alone.max() < 0
    assert model.logits(clean).tolist() == alone.tolist()
    mixed = rows("Menu", "Weather", *STORY, "Read our newsletter", "Ferries: more berths")
    again = model.logits(mixed)
    assert again.tolist() != model.first.logits(mixed).tolist()
    assert (again[2:5] < 0).all()
    assert again[-2] > 0


def test_rows_of_another_width_are_refused() -> None:
    model = line_model()
    with pytest.raises(ValueError, match="fit the line model again"):
        LineModel(model.first, model.second).logits(np.zeros((3, 7)))
