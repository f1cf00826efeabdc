"""babelwire kb: a larger knowledge base, and workers that use it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from streams.cli.root import run
from tests.agents.entities.dumps import entity, write_dump, write_table

PERSON = entity("Q910001", {"en": "Thessaly Vanterpool"}, instance_of=["Q5"], citizen=["Q145"], pages=40)
TEXT = (
    "Die Abgeordnete Thessaly Vanterpool hat am Montag in einer langen Rede vor dem Ausschuss erklärt, dass die "
    "neue Brücke über den Fluss in diesem Jahr nicht mehr fertig wird. Die Arbeiten dauern nach ihren Worten noch "
    "bis zum nächsten Sommer, weil Stahl fehlt und die Kosten gestiegen sind."
)


def test_what_is_imported_is_what_articles_are_linked_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    dump = write_dump(tmp_path / "dump.json.zst", [PERSON])
    names = write_table(
        tmp_path / "names.tsv", [("Q910001", "Thessaly Vanterpool", "Thessaly Vanterpoola", "lv", "PER")]
    )
    folder = tmp_path / "kb"
    flags = ["--wikidata", str(dump), "--paranames", str(names), "--out", str(folder)]
    assert run(["kb", "import", *flags, "--json"]) == 0
    summary = orjson.loads(capsys.readouterr().out)
    assert (summary["new"], summary["joined"], summary["unreadable"]) == (1, 0, 0)

    monkeypatch.setenv("BABELWIRE_KNOWLEDGE_BASE", str(folder))
    assert run(["kb", "show", "--json"]) == 0
    shown = orjson.loads(capsys.readouterr().out)
    assert (shown["version"], shown["entities"]) == (summary["version"], summary["entities"])

    (tmp_path / "a.jsonl").write_bytes(orjson.dumps({"id": "a", "content": TEXT}))
    monkeypatch.setenv("BABELWIRE_RECOGNITION", "rules")
    assert run(["run", "--json", str(tmp_path / "a.jsonl")]) == 0
    article = orjson.loads(capsys.readouterr().out)
    assert [found["id"] for found in article["entities"] if found["type"] == "PER"] == ["Q910001"]
    assert article["provenance"]["kb"] == summary["version"]


def test_a_folder_without_a_knowledge_base_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["kb", "show", "--knowledge-base", str(tmp_path)]) == 2
    assert "expected a folder made by `babelwire kb import`" in capsys.readouterr().err
    (tmp_path / "meta.json").write_bytes(b'{"format": 1, "version": "0"}')
    assert run(["kb", "show", "--knowledge-base", str(tmp_path)]) == 2
    assert "compile it" in capsys.readouterr().err
    monkeypatch.chdir(tmp_path)
    assert run(["kb", "import", "--out", str(tmp_path / "kb")]) == 2
    assert "Give --wikidata, --paranames or both." in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL])
def test_an_import_that_is_ended_leaves_nothing_for_long(
    tmp_path: Path, number: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    pipe = tmp_path / "dump.json"
    os.mkfifo(pipe)
    flags = ["kb", "import", "--wikidata", str(pipe), "--out", str(tmp_path / "kb")]
    command = [sys.executable, "-c", "from streams.cli import main; main()", *flags]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as running, pipe.open("wb") as dump:
        dump.write(orjson.dumps(PERSON) + b"\n")
        dump.flush()
        assert (tmp_path / "kb.importing" / "lock").exists()
        running.send_signal(number)
        assert running.stderr is not None
        said = running.stderr.read().decode()
        running.wait(30)
    killed = number == signal.SIGKILL
    assert running.returncode == (-number if killed else 130)
    assert killed or said.splitlines()[-1] == "Interrupted."
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "dump.json",
        *(["kb.importing"] if killed else []),
    ]
    pipe.unlink()
    write_dump(pipe, [PERSON])
    assert run(flags) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dump.json", "kb"]


def test_a_file_that_gives_nothing_is_told_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "articles.jsonl"
    wrong.write_bytes(b'{"content": "no dump"}\n{"content": \n')
    assert run(["kb", "import", "--wikidata", str(wrong), "--out", str(tmp_path / "kb")]) == 1
    told = capsys.readouterr()
    assert "  unreadable lines  2\n" in told.out
    assert "Workers use it" not in told.out
    err = told.err
    assert f"Nothing was taken of {wrong}: is it what --wikidata and --paranames expect?" in err
