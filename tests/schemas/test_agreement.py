"""The codec and the published JSON Schemas take and refuse the same values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas import codec
from schemas.documents import event_schema, example
from schemas.errors import BadInput
from schemas.topics import TOPICS, Topic
from tests.schemas.samples import near, validator

TYPED = [topic for topic in TOPICS if topic.value is not bytes]
VALIDATORS = {topic.name: validator(event_schema(topic)) for topic in TYPED}


def codec_takes(value: Any, kind: type) -> bool:
    try:
        codec.convert(value, kind)
    except BadInput:
        return False
    return True


@pytest.mark.parametrize("topic", TYPED, ids=lambda topic: topic.name)
def test_codec_and_schema_agree(topic: Topic) -> None:
    whole = example(topic.value)
    verdicts = set()

    @settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
    @given(near(whole))
    def agree(value: Any) -> None:
        takes = codec_takes(value, topic.value)
        verdicts.add(takes)
        assert takes == VALIDATORS[topic.name].is_valid(value), value

    agree()
    assert verdicts == {True, False}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_they_agree_on_any_json(value: Any) -> None:
    for topic in TYPED:
        assert codec_takes(value, topic.value) == VALIDATORS[topic.name].is_valid(value)
