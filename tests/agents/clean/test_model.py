"""The two looks of the line model."""

from __future__ import annotations

import numpy as np
import pytest

from agents.clean.residue.features import features
from agents.clean.residue.model import LineModel, line_model
from agents.clean.residue.phrasebook import all_phrases
from agents.clean.residue.story import WIDTH, Column, standing
from agents.clean.residue.units import line_views

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
    assert found[:, Column.SURE].tolist() == [3, -4, -4, 2, 1]
    assert found[:, Column.ABOVE].tolist() == [0, 3, -4, -4, 2]
    assert found[:, Column.BELOW].tolist() == [-4, -4, 2, 1, 0]
    assert found[:, Column.AFTER_FIRST].tolist() == [-1, 0, 1, 2, 3]
    assert found[:, Column.AFTER_LAST].tolist() == [-2, -1, 0, 1, 2]
    assert found[:, Column.OWNEST_BELOW].tolist() == [-4, -4, 1, 1, 6]
    assert found[0, Column.TOLD] == pytest.approx(0, abs=0.01)
    assert found[3, Column.TOLD] == pytest.approx(1, abs=0.05)


def test_a_text_without_a_paragraph_has_no_place_for_its_story() -> None:
    found = standing(np.array([1.0, 2.0]), rows("Menu", "Weather"))
    assert np.isfinite(found).all()
    assert found[:, Column.AFTER_FIRST].tolist() == [-2, -1]
    assert found[:, Column.AFTER_LAST].tolist() == [1, 2]


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
