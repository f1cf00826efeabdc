"""The stages fit together: what one requires, an earlier one has assigned."""

from __future__ import annotations

import dataclasses
import itertools

import pytest

from agents.pipeline import FUSED, STAGED, STAGES, hops, output_topic, topics
from agents.stage import Stage
from schemas.article import RawArticle
from schemas.topics import RAW, TOPICS


def names(kind: type) -> set[str]:
    return {item.name for item in dataclasses.fields(kind)}


def upstream(stage: Stage) -> set[str]:
    """The fields there are when ``stage`` is reached: the producer's, and what earlier stages assigned."""
    earlier = STAGES[: STAGES.index(stage)]
    return names(RawArticle).union(*(other.assigns for other in earlier)) & names(stage.accepts)


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_what_a_stage_requires_is_assigned_upstream(stage: Stage) -> None:
    assert stage.requires <= names(stage.accepts)
    assert stage.requires <= upstream(stage)


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_what_a_stage_gives_is_complete(stage: Stage) -> None:
    assert stage.assigns <= names(stage.emits)
    assert names(stage.emits) <= upstream(stage) | stage.assigns


def test_each_stage_takes_what_the_one_before_it_gives() -> None:
    assert STAGES[0].accepts is RawArticle
    for before, after in itertools.pairwise(STAGES):
        assert after.accepts is before.emits


def test_a_stage_keeps_what_came_before_it() -> None:
    for stage in STAGES[1:]:
        assert issubclass(stage.emits, stage.accepts)


def test_names_are_unique_and_fit_for_topics_and_metrics() -> None:
    assert len({stage.name for stage in STAGES}) == len(STAGES)
    for stage in STAGES:
        assert stage.name.isidentifier()
        assert stage.name.islower()
        assert stage.version


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_a_stage_has_a_manual_page(stage: Stage) -> None:
    lines = stage.manual.splitlines()
    assert lines[0].endswith(".")
    assert len(lines) >= 3, "the manual says more than the name"


def test_every_stage_publishes_to_a_topic_of_its_own() -> None:
    outputs = [output_topic(stage) for stage in STAGES]
    assert len(set(outputs)) == len(outputs)
    assert set(outputs) | set(TOPICS) == set(topics())
    for topology in (STAGED, FUSED):
        chain = hops(topology)
        assert chain[0].input is RAW
        assert [after.input for after in chain[1:]] == [before.output for before in chain[:-1]]
        assert chain[-1].output is outputs[-1]
