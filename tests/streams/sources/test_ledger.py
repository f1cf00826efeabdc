"""The ledger remembers what a cluster confirmed."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from schemas.article import RawArticle
from schemas.errors import UsageError
from streams.sources.articles import Ready, Refused, ready
from streams.sources.ledger import FILE_NAME, Ledger, key_of


def record(content: str, **fields: object) -> Ready:
    return ready(RawArticle(content=content, **fields), "here", 1 << 20)  # type: ignore[arg-type]


def test_what_was_added_is_known_after_reopening(tmp_path: Path) -> None:
    with Ledger(str(tmp_path / "new" / "folder"), "cluster", "p-") as ledger:
        ledger.add([b"a" * 16, b"b" * 16])
        ledger.add([b"a" * 16])
        assert ledger.has(b"a" * 16)
    with Ledger(str(tmp_path / "new" / "folder"), "cluster", "p-") as ledger:
        assert [ledger.has(key * 16) for key in (b"a", b"b", b"c")] == [True, True, False]


def test_clusters_and_prefixes_are_kept_apart(tmp_path: Path) -> None:
    with Ledger(str(tmp_path), "one", "") as ledger:
        ledger.add([b"a" * 16])
    for cluster, prefix in (("two", ""), ("one", "x-")):
        with Ledger(str(tmp_path), cluster, prefix) as ledger:
            assert not ledger.has(b"a" * 16)


def test_a_new_revision_or_a_changed_article_is_another_record() -> None:
    keys = [
        key_of(record("x", id="a")),
        key_of(record("x", id="a", revision=2)),
        key_of(record("y", id="a")),
        key_of(record("x", id="b")),
        key_of(Refused(where="w", reason="too_large", detail="d", original=b"x")),
    ]
    assert len(set(keys)) == 5
    assert key_of(record("x", id="a")) == keys[0]
    assert key_of(Refused(where="w", reason="unreadable", detail="d")) is None


def test_two_processes_may_use_it_at_once(tmp_path: Path) -> None:
    with Ledger(str(tmp_path), "one", "") as first, Ledger(str(tmp_path), "one", "") as second:
        first.add([b"a" * 16])
        second.add([b"b" * 16])
        assert first.has(b"b" * 16)
        assert second.has(b"a" * 16)


def test_embedded_brokers_that_are_long_gone_are_forgotten(tmp_path: Path) -> None:
    for cluster in ("babelwire-1-2", "a-real-one"):
        with Ledger(str(tmp_path), cluster, "") as ledger:
            ledger.add([b"a" * 16])
    base = sqlite3.connect(tmp_path / FILE_NAME)
    base.execute("UPDATE installation SET opened = opened - 8 * 24 * 3600")
    base.commit()
    base.close()
    with Ledger(str(tmp_path), "babelwire-3-4", ""):
        pass
    base = sqlite3.connect(tmp_path / FILE_NAME)
    clusters = [row[0] for row in base.execute("SELECT cluster FROM installation ORDER BY cluster")]
    records = base.execute("SELECT count(*) FROM sent").fetchone()[0]
    base.close()
    assert (clusters, records) == (["a-real-one", "babelwire-3-4"], 1)


def test_a_folder_that_cannot_be_written_is_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="--data-dir"):
        Ledger(str(tmp_path / "file"), "one", "")


def test_a_damaged_ledger_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"this is no database" * 100)
    with pytest.raises(UsageError, match="remove the file"):
        Ledger(str(tmp_path), "one", "")
