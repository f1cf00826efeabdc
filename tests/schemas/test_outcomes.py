"""What is written down about an outcome can be read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import EXPLANATIONS, BadInput, DropReason, RejectReason
from schemas.outcomes import DeadLetterHeaders, Position, input_of

LETTER = DeadLetterHeaders(
    stage="clean",
    reason="malformed_json",
    detail="Expected JSON: ürgs.",
    input="babelwire.articles.raw.v1/3/1042",
    timestamp=1795287600000,
    pipeline="babelwire/0.1.0",
)
TEXT = st.text(max_size=50)


@given(
    st.builds(
        DeadLetterHeaders,
        stage=TEXT,
        reason=TEXT,
        detail=TEXT,
        input=TEXT,
        timestamp=st.integers(),
        pipeline=TEXT,
    )
)
def test_headers_of_a_dead_letter_survive_the_wire(letter: DeadLetterHeaders) -> None:
    assert DeadLetterHeaders.from_headers(letter.to_headers()) == letter


def test_headers_are_named_as_documented() -> None:
    assert dict(LETTER.to_headers()) == {
        "bw_stage": b"clean",
        "bw_reason": b"malformed_json",
        "bw_detail": "Expected JSON: ürgs.".encode(),
        "bw_input": b"babelwire.articles.raw.v1/3/1042",
        "bw_timestamp": b"1795287600000",
        "bw_pipeline": b"babelwire/0.1.0",
    }


def test_other_headers_are_left_alone() -> None:
    headers = [("ce_id", b"\xff"), *LETTER.to_headers(), ("stage", b"x")]
    assert DeadLetterHeaders.from_headers(headers) == LETTER


@pytest.mark.parametrize(
    "name", ["bw_stage", "bw_reason", "bw_detail", "bw_input", "bw_timestamp", "bw_pipeline"]
)
def test_a_missing_header_is_named(name: str) -> None:
    with pytest.raises(BadInput, match=name) as caught:
        DeadLetterHeaders.from_headers([pair for pair in LETTER.to_headers() if pair[0] != name])
    assert caught.value.reason is RejectReason.INVALID_FIELD


def test_a_timestamp_that_is_no_number_is_refused() -> None:
    headers = [pair for pair in LETTER.to_headers() if pair[0] != "bw_timestamp"]
    with pytest.raises(BadInput, match="soon"):
        DeadLetterHeaders.from_headers([*headers, ("bw_timestamp", b"soon")])


@given(
    st.builds(Position, topic=st.text(min_size=1, max_size=30), partition=st.integers(), offset=st.integers())
)
def test_a_position_survives_its_text(position: Position) -> None:
    assert Position.parse(str(position)) == position


@pytest.mark.parametrize("text", ["", "topic", "topic/1", "/1/2", "topic/one/2", "topic/1/"])
def test_what_is_no_position_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected|invalid|unpack"):
        Position.parse(text)


def test_positions_are_in_the_order_of_the_log() -> None:
    last = Position(topic="t", partition=0, offset=10)
    assert last > Position(topic="t", partition=0, offset=9)
    assert last < Position(topic="t", partition=1, offset=0)


def test_the_record_that_is_answered_is_found_among_the_headers() -> None:
    assert input_of([("x", b"1"), ("bw_input", b"t/1/2")]) == Position(topic="t", partition=1, offset=2)
    assert input_of(LETTER.to_headers()) == Position(
        topic="babelwire.articles.raw.v1", partition=3, offset=1042
    )
    assert input_of([("bw_input", b"nonsense")]) is None
    assert input_of([]) is None
    assert input_of(None) is None


def test_every_reason_is_explained_once() -> None:
    assert set(EXPLANATIONS) == {*RejectReason, *DropReason}
    assert not set(map(str, RejectReason)) & set(map(str, DropReason))
    for text in EXPLANATIONS.values():
        assert text.endswith(".")
