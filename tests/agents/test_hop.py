"""One record through one hop: staged and fused give the same bytes, and nothing raises."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from itertools import count

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.hop import Limits, LoadedHop
from agents.pipeline import FUSED, STAGED, Hop, hops
from agents.stage import Drop, Emit, Outcome, Process, Reject, Resources, Stage
from schemas.article import RawArticle
from schemas.errors import DropReason, RejectReason, SettingsError
from schemas.outcomes import DroppedArticle
from schemas.topics import RAW
from streams.samples import ARTICLES

NOW = 1_795_000_000_123
"""2026-11-18, in milliseconds."""


def loaded(topology: str, limits: Limits | None = None) -> list[LoadedHop]:
    return [LoadedHop(hop, Resources(), limits or Limits(), time.perf_counter) for hop in hops(topology)]


@pytest.fixture(scope="module")
def staged() -> list[LoadedHop]:
    return loaded(STAGED)


@pytest.fixture(scope="module")
def fused() -> LoadedHop:
    [hop] = loaded(FUSED)
    return hop


def through(stages: list[LoadedHop], value: bytes) -> bytes:
    for stage in stages:
        result = stage(value, b"key", NOW)
        assert result.outcome == "published", result
        assert result.value is not None
        value = result.value
    return value


def test_staged_and_fused_give_the_same_bytes_and_the_same_event_id(
    staged: list[LoadedHop], fused: LoadedHop
) -> None:
    lines = ARTICLES.read_bytes().splitlines()
    assert len(lines) >= 12
    for line in lines:
        once = fused(line, b"key", NOW)
        assert through(staged, line) == once.value
        again = fused(line, b"key", NOW)
        assert again.value == once.value
        assert again.event is not None
        assert once.event is not None
        assert again.event.id == once.event.id


def test_when_it_was_received_changes_the_bytes_but_not_the_event_id(fused: LoadedHop) -> None:
    line = ARTICLES.read_bytes().splitlines()[0]
    first, second = fused(line, None, NOW), fused(line, None, NOW + 60_000)
    assert first.event is not None
    assert second.event is not None
    assert first.event.id == second.event.id
    assert first.value != second.value


def test_a_changed_article_has_another_event_id_under_the_same_article_id(fused: LoadedHop) -> None:
    one = orjson.dumps({"url": "https://a.example/1", "content": "The mayor of Graz opened the bridge."})
    two = orjson.dumps({"url": "https://a.example/1", "content": "The mayor of Graz opened the new bridge."})
    first, second = fused(one, None, NOW), fused(two, None, NOW)
    assert first.article == second.article
    assert first.event is not None
    assert second.event is not None
    assert first.event.id != second.event.id


def test_received_at_comes_from_the_record_not_from_the_producer(fused: LoadedHop) -> None:
    value = orjson.dumps({"content": "A calm day in Oslo.", "received_at": "2001-01-01T00:00:00Z"})
    result = fused(value, None, NOW)
    assert result.received_at == datetime.fromtimestamp(NOW // 1000, UTC) + timedelta(milliseconds=123)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"{", RejectReason.MALFORMED_JSON),
        (b"", RejectReason.MALFORMED_JSON),
        (b'{"content": "\xff"}', RejectReason.BAD_ENCODING),
        (b'{"content": 7}', RejectReason.INVALID_FIELD),
        (b"{}", RejectReason.INVALID_FIELD),
        (b'{"content": "x", "published_at": "2031-01-01T00:00:00Z"}', RejectReason.PUBLISHED_IN_FUTURE),
        (b'{"content": "x", "published_at": "9999-12-31T23:59:59-10:00"}', RejectReason.INVALID_FIELD),
        (orjson.dumps({"content": "x" * (1 << 20)}), RejectReason.TOO_LARGE),
    ],
)
def test_bad_input_is_answered_with_its_reason(fused: LoadedHop, value: bytes, reason: RejectReason) -> None:
    result = fused(value, b"the-key", NOW)
    assert (result.outcome, result.reason) == ("rejected", reason)
    assert result.detail
    assert result.stage == "clean"


@pytest.mark.parametrize("timestamp", [-1, -(2**63), 2**62])
def test_a_record_without_a_time_is_rejected(fused: LoadedHop, timestamp: int) -> None:
    result = fused(b'{"content": "A calm day."}', None, timestamp)
    assert (result.outcome, result.reason) == ("rejected", RejectReason.INVALID_FIELD)


def test_an_old_article_is_dropped_where_an_age_is_set() -> None:
    [hop] = loaded(FUSED, Limits(max_age=timedelta(days=30)))
    old = hop(b'{"content": "It was long ago in Rome.", "published_at": "2026-09-01T00:00:00Z"}', None, NOW)
    assert (old.outcome, old.reason) == ("dropped", DropReason.TOO_OLD)
    new = hop(b'{"content": "It was just now in Rome.", "published_at": "2026-11-17T00:00:00Z"}', None, NOW)
    assert new.outcome == "published"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    value=st.binary(max_size=200),
    key=st.none() | st.binary(max_size=20),
    stamp=st.integers(-(2**63), 2**63 - 1),
)
def test_any_bytes_end_in_one_outcome(fused: LoadedHop, value: bytes, key: bytes | None, stamp: int) -> None:
    result = fused(value, key, stamp)
    assert result.outcome in ("published", "dropped", "rejected")
    assert result.article
    result.article.encode()


def trick(outcome: Outcome | Exception) -> LoadedHop:
    """A hop whose one stage does as told."""

    def load(_: Resources) -> Process:
        def process(_: RawArticle) -> Outcome:
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        return process

    stage = Stage(
        name="trick", version="1", accepts=RawArticle, emits=RawArticle, requires=frozenset(),
        assigns=frozenset(), load=load,
    )  # fmt: skip
    clock = count()
    return LoadedHop(
        Hop(stages=(stage,), input=RAW, output=RAW), Resources(), Limits(), lambda: float(next(clock))
    )


def test_a_bug_in_a_stage_is_a_dead_letter_that_says_where() -> None:
    result = trick(ZeroDivisionError("by nought"))(b'{"content": "x"}', None, NOW)
    assert (result.outcome, result.reason) == ("rejected", RejectReason.STAGE_FAILED)
    assert result.detail.startswith("ZeroDivisionError: by nought at test_hop.py:")
    assert result.passed == (("trick", 1.0),)


def test_a_drop_is_written_down() -> None:
    result = trick(Drop(DropReason.NO_TEXT, "nothing"))(b'{"content": "x", "id": "a1"}', None, NOW)
    assert result.outcome == "dropped"
    line = orjson.loads(result.value or b"")
    assert (line["id"], line["stage"], line["reason"], line["detail"]) == (
        "a1",
        "trick",
        "no_text",
        "nothing",
    )
    assert DroppedArticle.__name__ == "DroppedArticle"


def test_a_drop_that_cannot_be_written_is_a_fault_of_the_stage() -> None:
    result = trick(Drop(DropReason.NO_TEXT, "\ud800"))(b'{"content": "x", "id": "a1"}', None, NOW)
    assert (result.outcome, result.reason) == ("rejected", RejectReason.STAGE_FAILED)


def test_a_reject_without_words_gets_the_explanation() -> None:
    result = trick(Reject(RejectReason.MARKUP_TOO_COMPLEX))(b'{"content": "x"}', None, NOW)
    assert (result.outcome, result.reason) == ("rejected", RejectReason.MARKUP_TOO_COMPLEX)
    assert "HTML" in result.detail


def test_a_stage_that_breaks_the_contract_is_caught() -> None:
    class Nonsense:
        id = "x"
        provenance = None

    result = trick(Emit(Nonsense()))(b'{"content": "x"}', None, NOW)
    assert (result.outcome, result.reason) == ("rejected", RejectReason.STAGE_FAILED)


@pytest.mark.parametrize(
    "topology",
    [
        "",
        "clean",
        "language | clean | entities",
        "clean | language",
        "clean + clean",
        "a | b",
        "clean,language",
    ],
)
def test_a_wrong_topology_is_refused_with_an_example(topology: str) -> None:
    with pytest.raises(SettingsError, match=r"for example 'clean \| language \| entities'"):
        hops(topology)


def test_topologies_say_where_the_topics_are() -> None:
    def shape(topology: str) -> list[tuple[str, str]]:
        return [(hop.input.name.split(".")[2], hop.output.name.split(".")[2]) for hop in hops(topology)]

    assert shape(STAGED) == [("raw", "clean"), ("clean", "tagged"), ("tagged", "enriched")]
    assert shape(FUSED) == [("raw", "enriched")]
    assert shape("clean+language|entities") == [("raw", "tagged"), ("tagged", "enriched")]
