"""schemas <- agents <- streams, and each layer keeps to what it may know."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from tests.architecture.tree import PACKAGES, ROOT, imports, modules

IMPURE = frozenset(
    {
        *(
            "asyncio",
            "concurrent",
            "http",
            "logging",
            "multiprocessing",
            "random",
            "secrets",
            "select",
            "signal",
        ),
        *("socket", "ssl", "subprocess", "threading", "time", "urllib.request", "uuid"),
        *(
            "aiohttp",
            "aiokafka",
            "faust",
            "mode",
            "pebble",
            "prometheus_client",
            "requests",
            "structlog",
            "tenacity",
        ),
    }
)
"""What a pure function of an article cannot need: clock, network, Kafka, chance, log, threads, processes."""
TRAINING = Path("agents/entities/training")
"""A program of its own, which keeps time and draws lots; nothing that runs may import it."""


@pytest.mark.parametrize(
    ("module", "without"),
    [
        ("streams.work.inside", ("aiokafka", "asyncio", "faust", "prometheus_client", "structlog")),
        ("streams.knowledge.curation", ("faust", "prometheus_client", "structlog")),
    ],
)
def test_stage_processes_and_commands_load_nothing_that_only_workers_need(
    module: str, without: tuple[str, ...]
) -> None:
    code = f"import sys, {module}; print(*(name for name in {without!r} if name in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == []


def test_nothing_imports_upward(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


@pytest.mark.parametrize("path", modules(*PACKAGES), ids=str)
def test_only_the_training_imports_the_training(path: Path) -> None:
    inside = path.is_relative_to(TRAINING)
    assert inside or not any(name.startswith("agents.entities.training") for name in imports(path))


@pytest.mark.parametrize(
    "path", [path for path in modules("agents") if not path.is_relative_to(TRAINING)], ids=str
)
def test_agents_are_pure(path: Path) -> None:
    for name in imports(path):
        parts = name.split(".")
        assert not {".".join(parts[: length + 1]) for length in range(len(parts))} & IMPURE, name
    text = (ROOT / path).read_text(encoding="utf-8")
    for clock in (".now(", ".utcnow(", ".today(", "os.environ", "os.getenv"):
        assert clock not in text, clock


@pytest.mark.parametrize("path", modules("schemas"), ids=str)
def test_schemas_need_only_the_standard_library_orjson_and_msgspec(path: Path) -> None:
    for name in imports(path):
        top = name.split(".")[0]
        assert top in sys.stdlib_module_names | {"schemas", "orjson", "msgspec"}, name


def test_only_the_settings_read_the_environment() -> None:
    readers = {
        str(path)
        for path in modules(*PACKAGES)
        if any(
            call in (ROOT / path).read_text(encoding="utf-8") for call in ("os.getenv(", "os.environ.get(")
        )
    }
    # The command line must know of --debug before there are settings.
    assert readers <= {"streams/settings.py", "streams/cli/root.py"}
