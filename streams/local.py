"""The whole pipeline in one process, without Kafka: what ``babelwire run`` and notebooks use.

It is the fused hop the workers run, on the bytes a source would send, so an article comes out with the same
bytes as from the stream when it was received at the same time.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime

from agents.hop import LoadedHop, Result
from agents.pipeline import FUSED, STAGES, hops
from agents.stage import Stage
from schemas.additions import Addition
from schemas.times import milliseconds
from streams.settings import Settings
from streams.sources.articles import Ready


class LocalPipeline:
    """Every stage, loaded."""

    def __init__(
        self,
        settings: Settings,
        stages: tuple[Stage, ...] = STAGES,
        *,
        additions: tuple[Addition, ...] = (),
    ) -> None:
        """Loads the stages, which takes seconds, with ``additions`` to the knowledge base."""
        topology = FUSED if stages is STAGES else " + ".join(stage.name for stage in stages)
        [hop] = hops(topology, stages)
        resources = replace(settings.resources(None), additions=additions)
        self._run = LoadedHop(hop, resources, settings.limits(), time.perf_counter)

    def __call__(self, article: Ready, received_at: datetime) -> Result:
        """Treats one article as if the raw topic had received it at ``received_at`` (to the millisecond)."""
        return self._run(article.value, article.id.encode(), milliseconds(received_at))
