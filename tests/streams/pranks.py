"""Stages that misbehave on purpose, one word each; importable by the stage process."""

from __future__ import annotations

import gc
import os
import signal
import time

from agents.pipeline import STAGES
from agents.stage import Emit, Outcome, Process, Resources, Stage
from schemas.article import CleanArticle, RawArticle


def garbage() -> tuple[int, int]:
    """How many objects the garbage collector of this process leaves alone, and how many it goes through."""
    return gc.get_freeze_count(), len(gc.get_objects())


def _load(resources: Resources) -> Process:
    clean = STAGES[0].load(resources)

    def treat(raw: RawArticle) -> Outcome:
        if "PRANK:crash" in raw.content:
            os.kill(os.getpid(), signal.SIGKILL)
        if "PRANK:hang" in raw.content:
            time.sleep(3600)
        if "PRANK:slow" in raw.content:
            time.sleep(0.25)
        if "PRANK:raise" in raw.content:
            raise ValueError("a bug")
        if "PRANK:once" in raw.content:
            marker = raw.content.split("PRANK:once ")[1]
            try:
                with open(marker, "x"):  # noqa: PTH123
                    os._exit(11)
            except FileExistsError:
                pass
        outcome = clean(raw)
        assert isinstance(outcome, Emit)
        return outcome

    return treat


def _broken(_: Resources) -> Process:
    raise FileNotFoundError("the model file is missing")


PRANKS = (
    Stage(
        name="pranks",
        version="1",
        accepts=RawArticle,
        emits=CleanArticle,
        requires=frozenset({"content"}),
        assigns=STAGES[0].assigns,
        load=_load,
    ),
)
BROKEN = (
    Stage(
        name="broken",
        version="1",
        accepts=RawArticle,
        emits=CleanArticle,
        requires=frozenset(),
        assigns=frozenset(),
        load=_broken,
    ),
)
