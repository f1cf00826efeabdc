"""The audit finds what is lost, answered twice or stranded, and nothing else."""

from __future__ import annotations

import dataclasses
import time
from collections import Counter

import orjson
import pytest

from agents.pipeline import FUSED
from schemas.outcomes import Position
from streams.look.audit import HopCount, Report, audit, wait_until_idle
from tests.streams.installation import Installation


def hop(report: Report, name: str) -> HopCount:
    return next(item for item in report.hops if item.hop == name)


async def test_every_kind_of_outcome_is_counted_at_its_stage(installation: Installation) -> None:
    a, b, c, d = await installation.raw("a", "b", "c", "d")
    clean = await installation.published(a, "a", stage="clean")
    await installation.dropped(b, "b", stage="clean", reason="no_text")
    await installation.rejected(c, "c", b"{", stage="clean", reason="malformed_json")
    await installation.commit({("raw", d.partition): d.offset, ("raw", 1 - d.partition): 100})
    tagged = await installation.published(clean, "a", stage="language")
    await installation.published(tagged, "a", stage="entities")
    await installation.commit_all("clean", "language")

    report = await audit(installation.settings)

    assert report.breaches == 0
    assert hop(report, "clean") == HopCount(
        hop="clean", topic=installation.topic("raw"), received=4, published=1, dropped=1, rejected=1,
        in_flight=1, stranded=0, expired=0, missing=0, replayed=0, conflicting=0, other_version=0,
        redelivered=0, earlier_topic=0,
    )  # fmt: skip
    stages = {stage.stage: stage for stage in report.stages}
    assert (stages["clean"].received, stages["clean"].published, stages["clean"].unanswered) == (4, 1, 1)
    assert stages["clean"].dropped == Counter(no_text=1)
    assert stages["clean"].rejected == Counter(malformed_json=1)
    assert (stages["entities"].received, stages["entities"].published) == (1, 1)


async def test_a_committed_input_without_an_outcome_is_missing_and_named(installation: Installation) -> None:
    places = await installation.raw(*(f"m{number}" for number in range(20)))
    for place in places[:-1]:
        await installation.published(place, "m", stage="clean")
    await installation.commit_all("raw", "clean")
    report = await audit(dataclasses.replace(installation.settings, topology="clean | language + entities"))
    assert hop(report, "clean").missing == 1
    assert report.missing[0] == places[-1]
    assert hop(report, "language+entities").missing == 19
    assert report.breaches == 20


async def test_equal_copies_are_redeliveries_and_differing_ones_a_breach(installation: Installation) -> None:
    same, other, twice = await installation.raw("same", "other", "twice")
    for _ in range(3):
        await installation.published(same, "same", stage="clean", value=b"{}", event="e1")
    await installation.published(other, "other", stage="clean", value=b"{}", event="e2")
    await installation.published(other, "other", stage="clean", value=b"{1}", event="e2")
    await installation.published(twice, "twice", stage="clean")
    await installation.dropped(twice, "twice")
    await installation.commit_all("raw")
    report = await audit(installation.settings)
    count = hop(report, "clean")
    assert (count.redelivered, count.conflicting, count.missing) == (3, 2, 0)
    assert set(report.conflicting) == {other, twice}


async def test_copies_of_another_version_are_no_breach_unless_one_version_contradicts_itself(
    installation: Installation,
) -> None:
    def event(version: str, text: str) -> bytes:
        return orjson.dumps({"text": text, "provenance": {"input": "x", "stages": {"clean": version}}})

    upgraded, broken = await installation.raw("upgraded", "broken")
    for place in (upgraded, broken):
        await installation.published(place, "k", stage="clean", value=event("1", "old"), event="e1")
        await installation.published(place, "k", stage="clean", value=event("2", "new"), event="e2")
    await installation.published(broken, "k", stage="clean", value=event("2", "newer"), event="e2")
    await installation.commit_all("raw")
    report = await audit(installation.settings)
    count = hop(report, "clean")
    assert (count.other_version, count.conflicting, report.conflicting) == (1, 1, (broken,))


async def test_a_change_of_topology_raises_no_false_alarm(installation: Installation) -> None:
    before, after = await installation.raw("before", "after")
    clean = await installation.published(before, "before", stage="clean")
    tagged = await installation.published(clean, "before", stage="language")
    await installation.published(tagged, "before", stage="entities")
    await installation.published(after, "after", stage="entities")
    await installation.commit_all("raw", "clean", "language")
    fused = await audit(dataclasses.replace(installation.settings, topology=FUSED))
    assert fused.breaches == 0
    assert hop(fused, FUSED.replace(" ", "")).published == 2
    stages = {stage.stage: stage for stage in fused.stages}
    assert [stages[name].received for name in ("clean", "language", "entities")] == [2, 2, 2]
    assert (await audit(installation.settings)).breaches == 0


async def test_articles_left_on_a_topic_that_no_hop_reads_are_stranded(installation: Installation) -> None:
    (place,) = await installation.raw("left")
    await installation.published(place, "left", stage="clean")
    await installation.commit_all("raw")
    assert (await audit(installation.settings)).in_flight == 1
    fused = await audit(dataclasses.replace(installation.settings, topology=FUSED))
    assert [(item.hop, item.stranded) for item in fused.hops] == [("clean+language+entities", 0), ("", 1)]
    assert fused.breaches == 1


async def test_since_leaves_older_articles_out(installation: Installation) -> None:
    now = int(time.time() * 1000)
    await installation.put("raw", "old", b"{}", timestamp=now - 7_200_000)
    new = await installation.put("raw", "new", b"{}", timestamp=now)
    await installation.commit_all("raw")
    report = await audit(installation.settings, since_ms=now - 60_000)
    assert (hop(report, "clean").received, report.missing) == (1, (new,))


async def test_an_input_older_than_outcomes_are_kept_is_expired_not_missing(
    installation: Installation,
) -> None:
    eight_days = int(time.time() * 1000) - 8 * 86_400_000
    await installation.put("raw", "old", b"{}", timestamp=eight_days)
    await installation.commit_all("raw")
    report = await audit(installation.settings)
    assert (hop(report, "clean").expired, report.breaches) == (1, 0)


async def test_what_answered_another_record_at_the_same_position_is_of_an_earlier_topic(
    installation: Installation,
) -> None:
    """Raw was made anew: its positions begin at 0 again, and the old outcomes name them."""
    places = await installation.raw("published", "dropped", "rejected", "unanswered")
    before = dict(installation.times)
    installation.times = {place: moment - 3_600_000 for place, moment in before.items()}
    for place, name in zip(places, ("dropped", "rejected", "published", "lost"), strict=True):
        await installation.published(place, name, stage="clean", value=b"{old}")
        await installation.dropped(place, name)
        await installation.rejected(place, name, b"old")
    installation.times |= before
    published, dropped, rejected, unanswered = places
    await installation.published(published, "published", stage="clean")
    await installation.dropped(dropped, "dropped")
    await installation.rejected(rejected, "rejected", b"{")
    await installation.commit_all("raw")

    report = await audit(installation.settings)

    count = hop(report, "clean")
    assert (count.published, count.dropped, count.rejected) == (1, 1, 1)
    assert (count.earlier_topic, count.conflicting, count.redelivered) == (12, 0, 0)
    assert report.missing == (unanswered,), "an old outcome must not hide that this one has none"


async def test_behind_the_raw_topic_the_article_tells_earlier_topics_apart(
    installation: Installation,
) -> None:
    (place,) = await installation.raw("new")
    clean = await installation.published(place, "new", stage="clean")
    for key in ("old", "new"):
        await installation.published(clean, key, stage="language", event=f"e-{key}")
    # A dead letter keeps the headers of what it was.
    own = installation.event_headers("clean", "old", "c-old", received=installation.times[clean])
    await installation.rejected(clean, "old", b"{}", stage="language", own=own)
    await installation.commit_all("raw", "clean")
    report = await audit(installation.settings)
    count = hop(report, "language")
    assert (count.published, count.rejected, count.earlier_topic, count.conflicting) == (1, 0, 2, 0)
    own = installation.event_headers("clean", "new", "c-new", received=installation.times[clean])
    await installation.rejected(clean, "new", b"{}", stage="language", own=own)
    assert (await audit(installation.settings)).conflicting == (clean,)


async def test_copies_of_another_version_are_told_from_those_of_an_earlier_topic(
    installation: Installation,
) -> None:
    def event(version: str) -> bytes:
        return orjson.dumps({"provenance": {"input": "x", "stages": {"clean": version}}})

    (place,) = await installation.raw("upgraded")
    now = installation.times[place]
    installation.times[place] = now - 1000
    await installation.published(place, "before", stage="clean", value=event("1"), event="e0")
    installation.times[place] = now
    for version in ("1", "2"):
        await installation.published(place, "k", stage="clean", value=event(version), event=f"e{version}")
    await installation.commit_all("raw")
    count = hop(await audit(installation.settings), "clean")
    assert (count.other_version, count.conflicting, count.earlier_topic) == (1, 0, 1)


async def test_an_input_whose_outcome_is_gone_is_made_whole_by_the_outcome_of_its_copy(
    installation: Installation,
) -> None:
    whole, waits, lost = await installation.raw("whole", "waits", "lost")
    copies = [
        await installation.put(
            "raw", name, b"{}", [("bw_replay_of", str(place).encode())], timestamp=installation.times[place]
        )
        for name, place in (("whole", whole), ("waits", waits))
    ]
    await installation.dropped(copies[0], "whole")
    foreign = await installation.put("raw", "x", b"{}", [("bw_replay_of", b"nonsense")])
    await installation.dropped(foreign, "x")
    await installation.commit_all("raw")
    report = await audit(installation.settings)
    count = hop(report, "clean")
    assert (count.received, count.dropped, count.replayed, count.missing) == (6, 2, 1, 3)
    assert set(report.missing) == {waits, copies[1], lost}


async def test_letters_of_sources_and_foreign_records_are_not_outcomes(installation: Installation) -> None:
    (place,) = await installation.raw("one")
    raw = installation.topic("raw")
    await installation.rejected(Position(topic=raw, partition=-1, offset=-1), "x", b"?", stage="ingest")
    await installation.put("clean", "one", b"{}", [("bw_input", b"nonsense")])
    await installation.put("dropped", "one", b"not json", [("bw_input", str(place).encode())])
    await installation.put("dead", "one", b"", [("bw_input", str(place).encode())])
    await installation.commit_all("raw")
    report = await audit(installation.settings)
    assert report.refused_at_ingest == Counter(malformed_json=1)
    assert report.missing == (place,)


async def test_waiting_ends_when_all_is_committed_and_not_before(installation: Installation) -> None:
    await installation.raw("w")
    assert not await wait_until_idle(installation.settings, 0.2)
    await installation.commit_all("raw", "clean", "language")
    assert await wait_until_idle(installation.settings, 60)


async def test_the_command_exits_1_on_a_breach_and_0_without(
    installation: Installation, capfd: pytest.CaptureFixture[str]
) -> None:
    (place,) = await installation.raw("z")
    await installation.commit_all("raw")
    assert await installation.cli("audit") == 1
    assert f"BREACH: 1 missing: {place}" in capfd.readouterr().out
    await installation.dropped(place, "z")
    assert await installation.cli("audit", "--json") == 0
    assert '"ok":true' in capfd.readouterr().out
