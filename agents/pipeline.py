"""The order of the stages, and where the topics are between them.

To add a stage: write its file, add it to ``STAGES``. Its topic, agent, metrics, dead letters, manual page and
AsyncAPI text follow from its declaration.
"""

from __future__ import annotations

from dataclasses import dataclass

from agents.clean.stage import STAGE as CLEAN
from agents.entities.stage import STAGE as ENTITIES
from agents.language.stage import STAGE as LANGUAGE
from agents.stage import Stage
from schemas.errors import SettingsError
from schemas.topics import RAW, TOPICS, Topic, article_topic, topic_of

STAGES: tuple[Stage, ...] = (CLEAN, LANGUAGE, ENTITIES)

STAGED = " | ".join(stage.name for stage in STAGES)
FUSED = " + ".join(stage.name for stage in STAGES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """The stages that run in one agent, between an input topic and an output topic."""

    stages: tuple[Stage, ...]
    input: Topic
    output: Topic

    @property
    def name(self) -> str:
        """For example ``clean`` or ``clean+language``; the name of the agent."""
        return "+".join(stage.name for stage in self.stages)


def hops(topology: str = STAGED, stages: tuple[Stage, ...] = STAGES) -> tuple[Hop, ...]:
    """Reads a topology: ``clean | language | entities`` puts a topic between each, ``+`` fuses two.

    Raises:
        SettingsError: a stage is unknown, missing, or out of order.
    """
    groups = [[name.strip() for name in group.split("+")] for group in topology.split("|")]
    wanted = [stage.name for stage in stages]
    if [name for group in groups for name in group] != wanted:
        raise SettingsError(
            f"topology: expected the stages {', '.join(wanted)} in this order, joined by '|' (a topic between) "
            f"or '+' (no topic between), got {topology!r}; for example {' | '.join(wanted)!r}"
        )
    by_name = {stage.name: stage for stage in stages}
    result: list[Hop] = []
    topic = RAW
    for group in groups:
        members = tuple(by_name[name] for name in group)
        output = output_topic(members[-1], stages)
        result.append(Hop(stages=members, input=topic, output=output))
        topic = output
    return tuple(result)


def output_topic(stage: Stage, stages: tuple[Stage, ...] = STAGES) -> Topic:
    """Returns where ``stage`` publishes: its type's row of the table, if it is the last to emit that type."""
    last = next(other for other in reversed(stages) if other.emits is stage.emits)
    row = topic_of(stage.emits) if last is stage else None
    return row or article_topic(stage.name, stage.emits, f"Articles after the stage `{stage.name}`.")


def topics(stages: tuple[Stage, ...] = STAGES) -> tuple[Topic, ...]:
    """Returns every topic of the installation: the table, and a row for each stage the table does not know."""
    return tuple(dict.fromkeys((*TOPICS, *(output_topic(stage, stages) for stage in stages))))
