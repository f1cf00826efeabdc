"""Decisions are explained from the topics alone, and what is not as it was published is pointed out."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from agents.entities.stage import STAGE
from agents.stage import Emit, Process, Resources
from schemas import codec
from schemas.article import EnrichedArticle, TaggedArticle
from tests.streams.articles import enriched
from tests.streams.installation import Installation

TEXT = "Sergej Lawrow reiste am Montag nach Berlin. Dort wurde Lawrow von Andrei Kolbasow empfangen."


@pytest.fixture(scope="module")
def process() -> Process:
    return STAGE.load(Resources(recognition="rules"))


def linked(process: Process, name: str) -> EnrichedArticle:
    """An article as the stage publishes it."""
    own = orjson.loads(enriched(name, text=TEXT))
    own["alignment"] = [{"clean": 0, "raw": 0, "length": len(TEXT)}]
    own["provenance"]["stages"] |= {"language": "1", STAGE.name: STAGE.version}
    outcome = process(codec.decode(orjson.dumps(own), TaggedArticle))
    assert isinstance(outcome, Emit)
    assert isinstance(outcome.article, EnrichedArticle)
    return outcome.article


async def test_every_mention_is_told_with_candidates_scores_and_the_reason(
    installation: Installation, process: Process, capfd: pytest.CaptureFixture[str]
) -> None:
    article = linked(process, "a")
    (raw,) = await installation.raw("a")
    await installation.published(raw, "a", stage="entities", value=codec.encode(article))
    assert await installation.cli("explain", "a", "--json", recognition="rules") == 0
    told = orjson.loads(capfd.readouterr().out)["decisions"]
    assert told["same_versions"] is True
    assert told["differing"] == []
    assert told["knowledge_base"] == article.provenance.kb
    mentions = [one for one in told["explanations"] if one["method"] != "none"]
    assert [(one["start"], one["id"]) for one in mentions] == [
        (mention.start, mention.entity_id) for mention in article.mentions
    ]
    first = mentions[0]
    assert (first["id"], first["candidates"][0]["standing"]) == ("Q58217", "chosen")
    assert first["candidates"][0]["score"] == pytest.approx(sum(first["candidates"][0]["parts"].values()))
    unknown = next(one for one in mentions if one["text"] == "Andrei Kolbasow")
    assert unknown["method"] == "provisional"
    assert "no knowledge base has it" in unknown["why"]

    assert await installation.cli("explain", "a", recognition="rules") == 0
    out = capfd.readouterr().out
    assert f"Decisions: stage {STAGE.version}, knowledge base {article.provenance.kb}" in out
    assert "0-13 'Sergej Lawrow': Q58217 Sergey Lavrov, exact" in out
    assert "weight +" in out
    assert "DIFFERS" not in out


async def test_another_version_and_another_result_are_pointed_out(
    installation: Installation, process: Process, capfd: pytest.CaptureFixture[str]
) -> None:
    article = linked(process, "b")
    other = replace(article.mentions[0], entity_id="Q1")
    article = replace(
        article,
        mentions=(other, *article.mentions[1:]),
        provenance=replace(article.provenance, kb="0123456789abcdef"),
    )
    (raw,) = await installation.raw("b")
    await installation.published(raw, "b", stage="entities", value=codec.encode(article))
    assert await installation.cli("explain", "b", recognition="rules") == 0
    out = capfd.readouterr().out
    assert "knowledge base 0123456789abcdef, model None: these reasons are of other versions" in out
    assert "DIFFERS  'Sergej Lawrow' at 0: published as Q1, now Q58217" in out


async def test_an_article_that_has_only_its_language_is_told_what_would_be_decided(
    installation: Installation, process: Process, capfd: pytest.CaptureFixture[str]
) -> None:
    article = linked(process, "c")
    fields = {name: getattr(article, name) for name in TaggedArticle.__dataclass_fields__}
    (raw,) = await installation.raw("c")
    await installation.published(raw, "c", stage="language", value=codec.encode(TaggedArticle(**fields)))
    assert await installation.cli("explain", "c", recognition="rules") == 0
    out = capfd.readouterr().out
    assert "has not come through the stage yet: this is what it would decide now" in out
    assert "Q58217" in out
