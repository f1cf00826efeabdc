"""The topic table is one that Kafka takes and that loses nothing."""

from __future__ import annotations

import re

import pytest

from schemas.article import CleanArticle, EnrichedArticle, RawArticle, TaggedArticle
from schemas.topics import DEAD_LETTERS, ENTITIES, NAMESPACE, RAW, TOPICS, Topic, article_topic, topic_of

LONGEST_PREFIX = 100
"""``topic_prefix`` takes at most this many characters."""


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_a_topic_is_one_that_kafka_takes(topic: Topic) -> None:
    assert re.fullmatch(r"[a-zA-Z0-9._-]+", topic.name)
    assert len(topic.name) + LONGEST_PREFIX <= 249
    assert topic.name.startswith(f"{NAMESPACE}.")
    assert re.search(r"\.v[1-9]\d*$", topic.name)
    assert topic.partitions > 0
    assert topic.retention_seconds is None or topic.retention_seconds > 0
    assert topic.summary.endswith(".")


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_settings_are_spelt_as_kafka_spells_them(topic: Topic) -> None:
    assert topic.config() == {
        "cleanup.policy": topic.cleanup,
        "retention.ms": "-1" if topic.retention_seconds is None else f"{topic.retention_seconds}000",
        "max.message.bytes": str(topic.max_record_bytes),
    }


def test_names_and_types_are_in_the_table_once() -> None:
    assert len({topic.name for topic in TOPICS}) == len(TOPICS)
    assert len({topic.value for topic in TOPICS}) == len(TOPICS)


def test_a_dead_letter_holds_whatever_a_topic_takes_and_outlives_it() -> None:
    others = [topic for topic in TOPICS if topic not in (DEAD_LETTERS, ENTITIES)]
    assert all(topic.max_record_bytes <= DEAD_LETTERS.max_record_bytes for topic in others)
    assert DEAD_LETTERS.retention_seconds is not None
    assert all((topic.retention_seconds or 0) < DEAD_LETTERS.retention_seconds for topic in others)


def test_no_article_topic_is_compacted() -> None:
    # Compaction would forget earlier revisions, which `audit` counts and consumers replay.
    assert {topic.name for topic in TOPICS if topic.cleanup != "delete"} == {ENTITIES.name}


def test_additions_are_kept_for_ever_and_in_order() -> None:
    # One partition: a merge and the addition it names take effect in the order they were made.
    assert (ENTITIES.cleanup, ENTITIES.retention_seconds, ENTITIES.partitions) == ("compact", None, 1)


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
