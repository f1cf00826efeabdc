"""A story of our own, and the stage that cleans it."""

from __future__ import annotations

from datetime import UTC, datetime

from agents.clean.stage import STAGE
from agents.stage import Emit, Resources
from schemas.article import CleanArticle, RawArticle

PROCESS = STAGE.load(Resources())
STORY = (
    "The port of Lume will have a second ferry in spring, its authority said on Tuesday.",
    "The vessel carries four hundred passengers and replaces a boat that was built in 1978.",
    "Fishermen fear for their berths and want talks before the first sailing.",
)


def cleaned(*lines: str) -> CleanArticle:
    """Returns what the stage makes of the lines."""
    outcome = PROCESS(
        RawArticle(id="a", content="\n".join(lines), received_at=datetime(2026, 11, 22, tzinfo=UTC))
    )
    assert isinstance(outcome, Emit)
    article: CleanArticle = outcome.article
    return article
