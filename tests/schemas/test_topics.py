"""The topic table is one that Kafka takes and that loses nothing."""

from __future__ import annotations

import re

import pytest

from schemas.article import CleanArticle, EnrichedArticle, RawArticle, TaggedArticle
from schemas.topics import DEAD_LETTERS, NAMESPACE, RAW, TOPICS, Topic, article_topic, topic_of

LONGEST_PREFIX = 100
"""``topic_prefix`` takes at most this many characters."""


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_a_topic_is_one_that_kafka_takes(topic: Topic) -> None:
    assert re.fullmatch(r"[a-zA-Z0-9._-]+", topic.name)
    assert len(topic.name) + LONGEST_PREFIX <= 249
    assert topic.name.startswith(f"{NAMESPACE}.")
    assert re.search(r"\.v[1-9]\d*$", topic.name)
    assert topic.partitions > 0
    assert topic.retention_seconds > 0
    assert topic.summary.endswith(".")


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_settings_are_spelt_as_kafka_spells_them(topic: Topic) -> None:
    assert topic.config() == {
        "cleanup.policy": topic.cleanup,
        "retention.ms": f"{topic.retention_seconds}000",
        "max.message.bytes": str(topic.max_record_bytes),
    }


def test_names_and_types_are_in_the_table_once() -> None:
    assert len({topic.name for topic in TOPICS}) == len(TOPICS)
    assert len({topic.value for topic in TOPICS}) == len(TOPICS)


def test_a_dead_letter_holds_whatever_a_topic_takes_and_outlives_it() -> None:
    others = [topic for topic in TOPICS if topic is not DEAD_LETTERS]
    assert all(topic.max_record_bytes <= DEAD_LETTERS.max_record_bytes for topic in others)
    assert all(topic.retention_seconds < DEAD_LETTERS.retention_seconds for topic in others)


def test_no_article_topic_is_compacted() -> None:
    # Compaction would forget earlier revisions, which `audit` counts and consumers replay.
    assert all(topic.cleanup == "delete" for topic in TOPICS)


def test_articles_of_one_key_stay_on_one_partition_number() -> None:
    assert {topic.partitions for topic in TOPICS if topic.name.startswith(f"{NAMESPACE}.articles.")} == {
        RAW.partitions
    }


def test_a_type_finds_its_topic() -> None:
    names = [
        topic.name if (topic := topic_of(kind)) else None
        for kind in (RawArticle, CleanArticle, TaggedArticle, EnrichedArticle)
    ]
    assert names == [f"babelwire.articles.{name}.v1" for name in ("raw", "clean", "tagged", "enriched")]
    assert topic_of(dict) is None


def test_a_stage_without_a_row_gets_a_topic_of_its_name() -> None:
    topic = article_topic("stories", EnrichedArticle, "Articles with their story.")
    assert topic.name == "babelwire.articles.stories.v1"
    assert topic.config() == topic_of(EnrichedArticle).config()  # type: ignore[union-attr]
