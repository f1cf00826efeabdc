"""The story of an article is told from its records alone."""

from __future__ import annotations

import time

import orjson
import pytest

from schemas.outcomes import Position
from streams.look.dead_letters import Choice, redrive
from streams.look.explain import explain
from tests.streams.articles import enriched
from tests.streams.installation import Installation

NOW = int(time.time() * 1000)


async def test_the_trail_leads_from_receipt_to_the_last_stage(installation: Installation) -> None:
    raw, *_ = await installation.raw("a", "other1", "other2", "other3")
    clean = await installation.published(raw, "a", stage="clean", event="c1")
    again = await installation.published(raw, "a", stage="clean", event="c1")
    tagged = await installation.published(clean, "a", stage="language", event="l1")
    await installation.published(again, "a", stage="language", event="l1")
    last = await installation.published(tagged, "a", stage="entities", event="e1", value=enriched("a"))

    story = await explain(installation.settings, "a")

    told = [(step.depth, step.what, step.stage, step.event_id, step.copies) for step in story.steps]
    assert told == [
        (0, "received", "", None, 0),
        (1, "published", "clean", "c1", 1),
        (2, "published", "language", "l1", 1),
        (3, "published", "entities", "e1", 0),
    ]
    assert story.steps[3].position == last
    assert all(step.latency_ms is not None and 0 <= step.latency_ms < 60_000 for step in story.steps[1:4])
    assert story.article is not None
    assert story.article.title == "Neue Brücke für Talheim"
    assert len(story.steps) == 4
    assert story.unanswered == ()


async def test_differing_answers_to_one_input_are_pointed_out(installation: Installation) -> None:
    (raw,) = await installation.raw("a")
    await installation.published(raw, "a", stage="clean", event="c1", value=b"{}")
    await installation.published(raw, "a", stage="clean", event="c2", value=b"{}")
    (answer,) = [
        step for step in (await explain(installation.settings, "a")).steps if step.what == "published"
    ]
    assert (answer.copies, answer.differing) == (0, 1)


async def test_a_rejection_its_redrive_and_the_second_life_are_one_story(installation: Installation) -> None:
    (raw,) = await installation.raw("a")
    letter = await installation.rejected(raw, "a", b"{", timestamp=NOW, detail="Expected JSON: here.")
    (done,) = [item async for item in redrive(installation.settings, Choice(reason="malformed_json"))]
    assert done.to is not None
    await installation.dropped(done.to, "a", reason="no_text")
    story = await explain(installation.settings, "a")
    assert [(step.depth, step.what, step.reason) for step in story.steps] == [
        (0, "received", ""),
        (1, "rejected", "malformed_json"),
        (2, "redriven", ""),
        (0, "received", ""),
        (1, "dropped", "no_text"),
    ]
    assert story.steps[3].copy_of == letter
    assert story.unanswered == ()


async def test_a_raw_record_with_another_key_is_found_through_its_outcome(installation: Installation) -> None:
    raw = await installation.put("raw", "producers-own-key", b'{"id":"a","content":"x"}')
    await installation.published(raw, "a", stage="clean")
    story = await explain(installation.settings, "a")
    assert [(step.what, step.position == raw) for step in story.steps][:2] == [
        ("received", True),
        ("published", False),
    ]


async def test_an_article_in_another_partition_needs_all_partitions(installation: Installation) -> None:
    for partition in (0, 1):
        await installation.put("raw", "moved", b"{}", partition=partition)
    assert len((await explain(installation.settings, "moved")).steps) == 1
    assert len((await explain(installation.settings, "moved", all_partitions=True)).steps) == 2


async def test_a_record_is_explained_by_its_position_also_when_nothing_else_is_known(
    installation: Installation,
) -> None:
    value = b'{"id":"a","content":"x"}'
    keyed = await installation.put("raw", "producers-own-key", value)
    broken = await installation.put("raw", "b", b'{"id":"b"')
    told = await explain(installation.settings, str(keyed))
    assert (told.article_id, [step.what for step in told.steps]) == ("a", ["received"])
    assert told.unanswered == (keyed,)
    assert (await explain(installation.settings, str(broken))).article_id == "b"
    # From the position of an outcome to the whole story, and none of it twice.
    clean = await installation.published(keyed, "a", stage="clean", event="c1")
    for position in (keyed, clean):
        told = await explain(installation.settings, str(position))
        assert [(step.position, step.depth) for step in told.steps] == [(keyed, 0), (clean, 1)]


async def test_an_id_that_looks_like_a_position_is_an_id(installation: Installation) -> None:
    await installation.raw("news/7/12")
    told = await explain(installation.settings, "news/7/12")
    assert (told.article_id, len(told.steps)) == ("news/7/12", 1)


async def test_the_bytes_it_came_with_are_written_untouched(
    installation: Installation, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    hostile = b'{"content": "\xff\x00\r\n cut off'
    first = await installation.put("raw", "a", b'{"id":"a","content":"first"}')
    await installation.put("raw", "a", hostile)
    assert await installation.cli("explain", "a", "--raw") == 0
    assert capfdbinary.readouterr().out == hostile
    assert await installation.cli("explain", str(first), "--raw") == 0
    assert capfdbinary.readouterr().out == b'{"id":"a","content":"first"}'
    # What a source refused never lay on the raw topic.
    await installation.rejected(Position(topic="-", partition=0, offset=-1), "refused", b"{")
    assert await installation.cli("explain", "refused", "--raw") == 0
    assert capfdbinary.readouterr().out == b"{"


async def test_raw_bytes_that_are_gone_and_a_position_that_holds_nothing_exit_1(
    installation: Installation, capfd: pytest.CaptureFixture[str]
) -> None:
    gone = Position(topic=installation.topic("raw"), partition=0, offset=10**6)
    await installation.published(gone, "a", stage="clean", event="c1")
    assert await installation.cli("explain", "a", "--raw") == 1
    out, err = capfd.readouterr()
    assert (out, "No topic has the bytes" in err) == ("", True)
    assert await installation.cli("explain", str(gone)) == 1
    assert f"in {gone.topic}/0." in capfd.readouterr().err


async def test_the_command_tells_what_was_removed_repaired_detected_and_linked(
    installation: Installation, capfd: pytest.CaptureFixture[str]
) -> None:
    (raw,) = await installation.raw("a")
    await installation.published(
        raw, "a", stage="entities", value=enriched("a", source="evil\x1b[31m.example")
    )
    assert await installation.cli("explain", "a") == 0
    out = capfd.readouterr().out
    for line in (
        "Removed: 1 pieces, 21 characters",
        "cookie_banner        0-21  Wir nutzen Cookies.",
        "mojibake             'Ã¼' -> 'ü'",
        "Language: de (Latn), 0.99, reliable",
        "or lb 0.01",
        "nil:erika    Erika Probst (PER, provisional), 1 ×, salience 0.50",
        "'Erika Probst' × 1: exact",
        "evil\\x1b[31m.example",
    ):
        assert line in out
    assert await installation.cli("explain", "a", "--json") == 0
    found = orjson.loads(capfd.readouterr().out)
    assert found["article"]["entities"][0]["id"] == "nil:erika"
    assert [step["what"] for step in found["trail"]] == ["received", "published"]


async def test_an_unknown_article_exits_1_and_says_where_was_searched(
    installation: Installation, capfd: pytest.CaptureFixture[str]
) -> None:
    assert await installation.cli("explain", "nobody") == 1
    err = capfd.readouterr().err
    assert "Nothing of 'nobody'" in err
    assert installation.topic("entities") in err
