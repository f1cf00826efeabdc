from __future__ import annotations

import subprocess
import sys

import pytest

from agents.entities.training.__main__ import main
from agents.entities.training.options import parser


def test_help_shows_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["--help"])
    assert "example:\n  python -m agents.entities.training --data ../shared/data" in capsys.readouterr().out


def test_nothing_is_drawn_to_another_state_unless_there_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--data", "nowhere", "--draw", "model.onnx"])
    assert "--draw WHOLE draws the scores of a state: name it with --resume STATE" in capsys.readouterr().err


def test_without_torch_the_command_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "agents.entities.training.run", raising=False)
    assert main(["--data", "nowhere"]) == 1
    assert "dependency group `ner`" in capsys.readouterr().err


def test_the_recogniser_imports_nothing_of_the_training() -> None:
    code = (
        "import sys, agents.entities.stage, agents.entities.recognition.recogniser;"
        "sys.exit(any(name == 'torch' or 'entities.training' in name for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
