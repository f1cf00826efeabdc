"""Dead letters are listed, explained and redriven exactly once."""

from __future__ import annotations

import os
import time
from pathlib import Path

import orjson
import pytest

from schemas.cloudevents import header
from schemas.outcomes import KEY_HEADER, Position
from streams.broker import records
from streams.look.audit import audit
from streams.look.dead_letters import Choice, Redriven, letters, redrive
from tests.kafka.cluster import KafkaCluster
from tests.streams.installation import Installation

NOW = int(time.time() * 1000)


async def all_letters(installation: Installation, **choice: object) -> list[str]:
    return sorted([item.article async for item in letters(installation.settings, Choice(**choice))])  # type: ignore[arg-type]


async def redriven(installation: Installation, *, dry_run: bool = False, **choice: object) -> list[Redriven]:
    found = redrive(installation.settings, Choice(**choice), dry_run=dry_run)  # type: ignore[arg-type]
    return sorted([item async for item in found], key=lambda item: item.letter.article)


async def test_letters_are_chosen_by_reason_stage_source_and_age(installation: Installation) -> None:
    (place,) = await installation.raw("a")
    await installation.rejected(place, "a", b'{"source": "news.example"}', reason="invalid_field")
    await installation.rejected(place, "b", b"{", reason="malformed_json")
    await installation.rejected(place, "c", b"{", stage="language", reason="stage_failed")
    assert await all_letters(installation) == ["a", "b", "c"]
    assert await all_letters(installation, reason="malformed_json") == ["b"]
    assert await all_letters(installation, stage="language") == ["c"]
    assert await all_letters(installation, source="news.example") == ["a"]
    assert await all_letters(installation, since_ms=int(time.time() * 1000) + 3_600_000) == []


async def test_a_redrive_restores_bytes_key_headers_and_time_and_marks_the_letter(
    installation: Installation,
) -> None:
    (place,) = await installation.raw("a")
    body = b'\xff{"broken'
    letter = await installation.rejected(
        place, "a", body, own=[("traceparent", b"00-1-2-01"), ("x", b"\xfe")], timestamp=NOW - 60_000
    )
    (done,) = await redriven(installation, reason="malformed_json")
    assert done.status == "redriven"
    copy = next(record for record in await installation.read("raw") if record.position == done.to)
    assert (copy.value, copy.key, copy.timestamp) == (body, b"a", NOW - 60_000)
    assert copy.headers == (
        ("traceparent", b"00-1-2-01"),
        ("x", b"\xfe"),
        ("bw_redrive_of", str(letter).encode()),
    )
    (marker,) = [
        record for record in await installation.read("dead") if header(record.headers, "bw_redriven")
    ]
    assert (marker.key, marker.value, header(marker.headers, "bw_redriven")) == (b"a", b"", str(letter))


async def test_a_redrive_restores_a_key_that_is_no_text(installation: Installation) -> None:
    (place,) = await installation.raw("a")
    letter = await installation.rejected(
        place, "known-id", b"{", own=[(KEY_HEADER, b"\xff\x00"), ("x", b"y")], timestamp=NOW
    )
    (done,) = await redriven(installation, reason="malformed_json")
    copy = next(record for record in await installation.read("raw") if record.position == done.to)
    assert (copy.key, copy.headers) == (b"\xff\x00", (("x", b"y"), ("bw_redrive_of", str(letter).encode())))
    markers = [record.key for record in await installation.read("dead") if not record.value]
    assert markers == [b"known-id"], "the marker lies beside its letter"
    assert await redriven(installation) == []


async def test_a_second_redrive_sends_nothing(installation: Installation) -> None:
    (place,) = await installation.raw("a")
    letter = await installation.rejected(place, "a", b"{", timestamp=NOW)
    assert [item.status for item in await redriven(installation)] == ["redriven"]
    assert await redriven(installation) == []
    again = await redriven(installation, positions=frozenset([letter]), redriven=True)
    assert [item.status for item in again] == ["already"]
    assert len(await installation.read("raw")) == 2
    assert await all_letters(installation) == []
    assert await all_letters(installation, redriven=True) == ["a"]


async def test_a_dry_run_changes_nothing(installation: Installation) -> None:
    (place,) = await installation.raw("a")
    await installation.rejected(place, "a", b"{", timestamp=NOW)
    assert [item.status for item in await redriven(installation, dry_run=True)] == ["would"]
    assert (len(await installation.read("raw")), len(await installation.read("dead"))) == (1, 1)


async def test_a_letter_of_a_later_stage_goes_back_to_that_stages_topic(installation: Installation) -> None:
    (place,) = await installation.raw("a")
    clean = await installation.published(place, "a", stage="clean")
    own = installation.event_headers("clean", "a", "e1")
    await installation.rejected(
        clean, "a", b'{"id":"a"}', stage="language", reason="stage_failed", own=own, timestamp=NOW
    )
    (done,) = await redriven(installation, stage="language")
    assert done.to is not None
    assert done.to.topic == installation.topic("clean")
    copy = (await installation.read("clean"))[-1] if clean.partition == done.to.partition else None
    assert copy is not None
    assert header(copy.headers, "ce_id") == "e1"
    assert header(copy.headers, "bw_input") is None


async def test_the_audit_balances_after_a_redrive(installation: Installation) -> None:
    (place,) = await installation.raw("a")
    await installation.rejected(place, "a", b"{")
    (done,) = await redriven(installation)
    await installation.commit_all("raw")
    report = await audit(installation.settings)
    assert report.missing == (done.to,)
    assert done.to is not None
    installation.times |= {record.position: record.timestamp for record in await installation.read("raw")}
    await installation.published(done.to, "a", stage="clean")
    report = await audit(installation.settings)
    assert (report.breaches, report.hops[0].received, report.hops[0].published, report.hops[0].rejected) == (
        0,
        2,
        1,
        1,
    )


async def test_what_a_source_refused_is_checked_before_it_is_sent(installation: Installation) -> None:
    nowhere = Position(topic=installation.topic("raw"), partition=-1, offset=-1)
    await installation.rejected(
        nowhere, "bad", b'{"content": 7}', stage="ingest", reason="invalid_field", timestamp=NOW
    )
    await installation.rejected(
        nowhere, "good", b'{"id": "g", "content": "Text."}', stage="ingest", timestamp=NOW
    )
    bad, good = await redriven(installation, stage="ingest")
    assert (bad.status, good.status) == ("invalid", "redriven")
    assert "$.content" in bad.detail
    (record,) = await installation.read("raw")
    assert record.key == b"g"
    assert orjson.loads(record.value or b"")["content"] == "Text."
    assert await all_letters(installation) == ["bad"]


async def test_a_letter_older_than_its_topic_keeps_records_is_not_sent_to_its_end(
    installation: Installation,
) -> None:
    (place,) = await installation.raw("a")
    letter = await installation.rejected(place, "a", b"{", timestamp=NOW - 30 * 86_400_000)
    (done,) = await redriven(installation)
    assert done.status == "refused"
    assert "--new-time" in done.detail
    found = redrive(installation.settings, Choice(positions=frozenset([letter])), new_time=True)
    (done,) = [item async for item in found]
    assert done.status == "redriven"
    copy = next(record for record in await installation.read("raw") if record.position == done.to)
    assert abs(copy.timestamp - time.time() * 1000) < 60_000


async def test_a_letter_from_a_foreign_topic_is_refused(installation: Installation) -> None:
    await installation.rejected("somewhere.else/0/1", "a", b"{", timestamp=NOW)
    (done,) = await redriven(installation)
    assert done.status == "refused"
    assert "somewhere.else" in done.detail


async def test_letters_nobody_of_ours_wrote_are_shown_and_never_sent_blindly(
    installation: Installation, capfd: pytest.CaptureFixture[str]
) -> None:
    (place,) = await installation.raw("a")
    await installation.put("dead", "alien", b"\x00\x1b[2J", [("x", b"\xff")])
    await installation.rejected(place, "huge", b"{", timestamp=2**80, reason="\x1b[2Jodd", stage="\u202e?")
    assert await installation.cli("dlq", "ls") == 0
    assert await installation.cli("explain", "huge") == 0
    assert await installation.cli("audit") == 0
    out, err = capfd.readouterr()
    assert "\x1b" not in out + err
    assert "\u202e" not in out + err
    alien, huge = await redriven(installation)
    assert (alien.status, huge.status) == ("refused", "redriven")


async def test_more_letters_than_one_chunk_are_each_sent_once_in_order(installation: Installation) -> None:
    (place,) = await installation.raw("first")
    for number in range(3):
        await installation.put_all(
            "dead",
            [
                (f"k{index % 5}", b"%d" % index, headers(place))
                for index in range(number * 100, number * 100 + 100)
            ],
        )
    done = await redriven(installation)
    assert [item.status for item in done] == ["redriven"] * 300
    by_key: dict[bytes, list[int]] = {}
    for record in await installation.read("raw"):
        if record.key != b"first":
            by_key.setdefault(record.key or b"", []).append(int(record.value or b""))
    assert sum(map(len, by_key.values())) == 300
    assert all(values == sorted(values) for values in by_key.values())


def headers(place: Position) -> list[tuple[str, bytes]]:
    from schemas.outcomes import DeadLetterHeaders

    return DeadLetterHeaders(
        stage="clean", reason="stage_failed", detail="d", input=str(place), timestamp=NOW, pipeline="p"
    ).to_headers()


async def test_show_explains_and_raw_gives_the_untouched_bytes(
    installation: Installation, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    (place,) = await installation.raw("a")
    body = b'\xff\x00{"\xe2\x80\xae\n'
    letter = await installation.rejected(
        place, "a", body, reason="bad_encoding", detail="Expected \u202eUTF-8."
    )
    short = f"{letter.partition}/{letter.offset}"
    assert await installation.cli("dlq", "show", short) == 0
    out = capfdbinary.readouterr().out.decode()
    assert "The bytes are not UTF-8." in out
    assert "Expected \\u202eUTF-8." in out
    assert "\u202e" not in out
    assert "\\xff\\x00" in out
    assert await installation.cli("dlq", "show", str(letter), "--raw") == 0
    assert capfdbinary.readouterr().out == body
    assert await installation.cli("dlq", "show", "0/99999") == 1


async def test_the_commands_list_redrive_and_report(
    installation: Installation, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (place,) = await installation.raw("a")
    letter = await installation.rejected(place, "a", b"{", timestamp=NOW)
    short = f"{letter.partition}/{letter.offset}"
    assert await installation.cli("dlq", "ls") == 0
    out, err = capfd.readouterr()
    assert out.split()[:1] == [short]
    assert "1 × clean: malformed_json" in err
    assert await installation.cli("dlq", "redrive") == 2
    fixed = tmp_path / "fixed.json"
    fixed.write_bytes(b'{"content":"fixed"}')
    assert await installation.cli("dlq", "redrive", short, "--value", str(fixed)) == 0
    assert "1 redriven" in capfd.readouterr().out
    assert b'{"content":"fixed"}' in [record.value for record in await installation.read("raw")]
    assert await installation.cli("dlq", "redrive", "--everything", "--json") == 0
    assert await installation.cli("dlq", "ls", "--all", "--json") == 0
    assert orjson.loads(capfd.readouterr().out)["redriven"] is True


@pytest.mark.kafka
async def test_a_letter_of_50_mb_is_redriven_whole(kafka: KafkaCluster) -> None:
    installation = await Installation.create(kafka.bootstrap)
    (place,) = await installation.raw("a")
    body = os.urandom(50_000_000)
    await installation.rejected(place, "a", body, reason="too_large", timestamp=NOW)
    (done,) = await redriven(installation)
    assert done.status == "redriven"
    assert done.to is not None
    copy = await records.read_one(installation.settings, done.to)
    assert copy is not None
    assert copy.value == body


async def test_a_reason_or_stage_that_does_not_exist_is_told_from_one_without_letters(
    installation: Installation, capfd: pytest.CaptureFixture[str]
) -> None:
    assert await installation.cli("dlq", "ls", "--reason", "too_large") == 0
    assert capfd.readouterr().err == "No dead letters that were not redriven.\n"
    assert await installation.cli("dlq", "ls", "--reason", "to_large", "--stage", "cleaning") == 0
    err = capfd.readouterr().err
    assert "'to_large' is no reason of this version: malformed_json, " in err
    assert "'cleaning' is no stage of this version: ingest, clean, language, entities." in err
    assert await installation.cli("dlq", "redrive", "--reason", "REASON") == 0
    assert "'REASON' is no reason" in capfd.readouterr().out
    assert await installation.cli("dlq", "show", "0/999") == 1
    assert "found none (any more)" in capfd.readouterr().err
