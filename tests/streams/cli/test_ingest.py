"""babelwire ingest: exit codes, summaries, and what a person sees."""

from __future__ import annotations

import gzip
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from streams.broker.embedded import EmbeddedBroker
from streams.settings import Settings
from streams.sources.ingest import Summary, ingest
from streams.sources.reading import inputs, read
from tests.streams.installation import Installation


@pytest.fixture
async def target(embedded: EmbeddedBroker, tmp_path: Path) -> Installation:
    """Topics of its own on the embedded broker, and a data folder of its own."""
    return await Installation.create(embedded.bootstrap_servers, data_dir=str(tmp_path / "data"))


async def test_all_sent_is_zero_and_says_so(
    target: Installation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.jsonl").write_text('{"content":"one"}\n{"content":"two"}\n')
    assert await target.cli("ingest", str(tmp_path / "a.jsonl")) == 0
    out, err = capsys.readouterr()
    assert out.startswith("2 read, 2 sent, 0 already sent, 0 rejected in ")
    assert err == ""
    assert await target.cli("ingest", str(tmp_path / "a.jsonl")) == 0
    assert capsys.readouterr().out.startswith("2 read, 0 sent, 2 already sent, 0 rejected in ")
    assert await target.cli("ingest", "--again", str(tmp_path / "a.jsonl")) == 0
    assert capsys.readouterr().out.startswith("2 read, 2 sent, 0 already sent")


async def test_a_rejection_is_one_and_names_its_line(
    target: Installation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"content":"one"}\n{"content":2}\n')
    assert await target.cli("ingest", "--json", str(file)) == 1
    out, err = capsys.readouterr()
    summary = json.loads(out)
    assert summary.pop("seconds") >= 0
    assert summary == {
        "read": 2,
        "sent": 1,
        "already_sent": 0,
        "rejected": 1,
        "rejected_by_reason": {"invalid_field": 1},
        "dead_letters": 1,
        "rejections": [
            {
                "where": f"{file}:2",
                "reason": "invalid_field",
                "detail": "Expected `str`, got `int` - at `$.content`.",
            }
        ],
    }
    assert err.startswith(f"rejected: {file}:2: invalid_field: ")


async def test_many_rejections_are_told_in_part_and_counted_in_full(
    target: Installation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.jsonl").write_text("".join(f'{{"content":{number}}}\n' for number in range(150)))
    assert await target.cli("ingest", "--json", str(tmp_path / "a.jsonl")) == 1
    out, err = capsys.readouterr()
    assert (json.loads(out)["rejected"], len(json.loads(out)["rejections"])) == (150, 100)
    assert len(err.splitlines()) == 21
    assert "130 more" in err
    assert len(await target.read("dead")) == 150


async def test_what_leaves_no_dead_letter_is_always_named(
    target: Installation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.jsonl").write_text("".join(f'{{"content":{number}}}\n' for number in range(150)))
    (folder / "b.jsonl.gz").write_bytes(gzip.compress(b'{"content":"one"}\n' * 9)[:-9])
    for number in range(30):
        (folder / f"c{number}.pdf").write_bytes(b"%PDF-1.7\n")
    assert await target.cli("ingest", str(folder)) == 1
    out, err = capsys.readouterr()
    told = err.splitlines()
    assert (
        sum("unsupported_form: Expected text, HTML or JSON Lines, got a PDF" in line for line in told) == 30
    )
    assert sum("b.jsonl.gz: unreadable: Expected the end of the gzip data" in line for line in told) == 1
    assert told[-1] == "rejected: 150 more; `babelwire dlq ls` has them all."
    assert "181 rejected (invalid_field 150, unreadable 1, unsupported_form 30)" in out
    assert len(await target.read("dead")) == 150


async def test_rejections_do_not_keep_their_bytes(target: Installation, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.jsonl").write_text('{"content":1}\n')
    summary = Summary()
    await ingest(target.settings, read(inputs([str(folder)]), 1 << 20), summary)
    assert [(item.reason, item.original) for item in summary.rejections] == [("invalid_field", None)]


async def test_without_a_broker_it_is_three_and_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text("x")
    nowhere = Installation(Settings(bootstrap_servers="127.0.0.1:1", data_dir=str(tmp_path / "data")))
    assert await nowhere.cli("ingest", str(tmp_path / "a.txt")) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("babelwire: Expected a Kafka broker at 127.0.0.1:1")
    assert len(err.splitlines()) == 1


async def test_wrong_use_is_two(target: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    assert await target.cli("ingest", "no-such-file") == 2
    assert "no-such-file" in capsys.readouterr().err
    assert await target.cli("ingest") == 2


async def test_a_terminal_shows_a_bar_on_standard_error_only(target: Installation, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("".join(f'{{"content":"{number}"}}\n' for number in range(2000)))
    terminal, inside = pty.openpty()
    with subprocess.Popen(  # noqa: ASYNC220 - nothing else runs here
        [sys.executable, "-c", "from streams.cli import main; main()", "ingest", str(tmp_path / "a.jsonl")],
        env={**os.environ, **target.settings.environment(), "TERM": "xterm"},
        stdout=subprocess.PIPE,
        stderr=inside,
    ) as process:
        os.close(inside)
        out, _ = process.communicate()
        shown = b""
        while True:
            try:
                piece = os.read(terminal, 4096)
            except OSError:  # the other side is closed
                break
            if not piece:
                break
            shown += piece
    os.close(terminal)
    assert process.returncode == 0
    assert out.decode().startswith("2,000 read, 2,000 sent")
    assert "━".encode() in shown
