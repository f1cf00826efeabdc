"""babelwire run: articles in, enriched articles out, without Kafka."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from schemas import codec
from schemas.article import EnrichedArticle
from streams.cli.root import run
from streams.samples import ARTICLES

MOMENT = "2026-11-21T19:00:00Z"
SAMPLES = [orjson.loads(line) for line in ARTICLES.read_bytes().splitlines()]


@pytest.fixture(scope="module")
def enriched() -> list[bytes]:
    """What `run --json` prints for the sample articles."""
    command = [sys.executable, "-c", "from streams.cli import main; main()"]
    done = subprocess.run(
        [*command, "run", "--json", "--received-at", MOMENT, str(ARTICLES)], capture_output=True, check=True
    )
    assert done.stderr.decode().startswith(f"{len(SAMPLES)} articles: {len(SAMPLES)} enriched, 0 dropped")
    return done.stdout.splitlines()


def test_json_is_one_enriched_article_a_line_in_the_order_of_the_input(enriched: list[bytes]) -> None:
    articles = [codec.decode(line, EnrichedArticle) for line in enriched]
    assert [article.url for article in articles] == [sample["url"] for sample in SAMPLES]
    assert [codec.encode(article) for article in articles] == enriched
    assert {article.received_at.isoformat() for article in articles} == {"2026-11-21T19:00:00+00:00"}


def test_the_same_time_gives_the_same_bytes(
    enriched: list[bytes], capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run(["run", "--json", "--received-at", "2026-11-21T20:00:00+01:00", str(ARTICLES)]) == 0
    assert capfdbinary.readouterr().out.splitlines() == enriched


def test_a_table_names_the_language_and_the_entities(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["run", str(ARTICLES)]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert len(shown) == len(SAMPLES) + 1
    german = next(line for line in shown if line.startswith("de"))
    assert "Lawrow zu Gesprächen" in german
    assert "Sergey Lavrov" in german


def test_what_ends_without_an_event_is_told_with_its_place_and_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(
        '{"content":"Angela Merkel visited Paris and spoke with the press about the summit there."}\n'
        '{"content":\n'
        '{"content":"x","published_at":"2099-01-01T00:00:00Z"}\n'
        '{"content":""}\n'
    )
    assert run(["run", "--json", "--received-at", MOMENT, str(file)]) == 1
    out, told = capsys.readouterr()
    assert json.loads(out)["language"]["tag"] == "en"
    lines = told.splitlines()
    assert lines[0].startswith(f"rejected by reading: {file}:2: malformed_json: Expected JSON")
    assert lines[1].startswith(f"rejected by clean: {file}:3: published_in_future: Expected published_at")
    assert lines[2].startswith(f"dropped by clean: {file}:4: no_text")
    assert lines[3].startswith("4 articles: 1 enriched, 1 dropped, 2 rejected in ")


def test_a_drop_alone_is_no_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.jsonl").write_text('{"content":"  "}\n')
    assert run(["run", str(tmp_path)]) == 0
    assert capsys.readouterr().out == ""


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    text = "Le président français Emmanuel Macron est arrivé mercredi à Rabat pour une visite de deux jours."
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert run(["run", "--json", "-"]) == 0
    article = json.loads(capsys.readouterr().out)
    assert (article["language"]["tag"], article["text"], article["source"]) == ("fr", text, None)
    assert (article["title"], article["url"], article["published_at"]) == (None, None, None)
    assert article["published_at_basis"] == "none"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run", "no-such-file"], "no-such-file"),
        (["run"], "Missing argument"),
        (["run", "--received-at", "noon", "."], "RFC 3339"),
        (["run", "--received-at", "2026-11-21T19:00:00", "."], "RFC 3339"),
    ],
)
def test_wrong_use_is_told(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    assert told in capsys.readouterr().err


def test_a_reader_that_has_enough_is_no_error() -> None:
    command = f"{sys.executable} -c 'from streams.cli import main; main()' run --json {ARTICLES} | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=True)
    assert (len(done.stdout.splitlines()), done.stderr) == (1, b"")
