"""How the tests themselves are given out and ended: runs of pytest on small files of their own."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

WAITING = "import pytest, time\npytestmark = pytest.mark.{mark}\n{tests}"
TEST = "def test_{name}():\n    time.sleep({seconds})\n"


def pytest_run(folder: Path, *arguments: str, prepare: str = "") -> tuple[int, str]:
    """Runs pytest in a process of its own, as conftest sets it up but for the fixtures."""
    code = f"import sys, pytest, tests.limits, tests.order\n{prepare}\nsys.exit(pytest.main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", code, "-p", "tests.order", "-p", "no:cacheprovider", *arguments],
        cwd=folder, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_one_process_begins_with_the_longest_wait_and_the_other_with_what_computes(tmp_path: Path) -> None:
    faults = (
        TEST.format(name="short", seconds=0.2)
        + "@pytest.mark.lasts(90)\n"
        + TEST.format(name="long", seconds=0.2)
    )
    write(tmp_path / "tests/faults/test_kills.py", WAITING.format(mark="faults", tests=faults))
    one = "".join(TEST.format(name=f"n{number}", seconds=0.2) for number in range(3))
    write(tmp_path / "tests/test_broker.py", WAITING.format(mark="embedded", tests=one))
    for name, count in (("few", 3), ("many", 6)):
        tests = "".join(TEST.format(name=f"n{number}", seconds=0.2) for number in range(count))
        write(tmp_path / f"tests/test_{name}.py", "import time\n" + tests)
    code, said = pytest_run(tmp_path, "-n", "2", "--dist", "loadfile", "-v", "tests")
    assert code == 0, said
    done = re.findall(r"\[(gw\d)\].*PASSED tests/(\S+)", said)
    assert len(done) == 14
    [front] = {by for by, test in done if test.endswith("::test_long")}
    at_front = [test for by, test in done if by == front]
    at_back = [test for by, test in done if by != front]
    assert at_front[:2] == ["faults/test_kills.py::test_long", "faults/test_kills.py::test_short"]
    assert at_back[:6] == [f"test_many.py::test_n{number}" for number in range(6)]
    for name in ("few", "many", "broker"):
        assert len({by for by, test in done if test.startswith(f"test_{name}.py")}) == 1, "files stay whole"


@pytest.mark.parametrize(("options", "seconds"), [((), 600.0), (("--long",), 3600.0)])
def test_only_the_long_form_has_the_long_limits(
    tmp_path: Path, options: tuple[str, ...], seconds: float
) -> None:
    test = "@pytest.mark.timeout(3600)\n@pytest.mark.parametrize('told', [1])\ndef test_it(told, request):\n"
    look = "    import pytest_timeout\n    print('limit', pytest_timeout._get_item_settings(request.node).timeout)\n"
    write(tmp_path / "test_it.py", "import pytest\n" + test + look)
    write(
        tmp_path / "conftest.py",
        "def pytest_addoption(parser):\n    parser.addoption('--long', action='store_true')\n",
    )
    code, said = pytest_run(tmp_path, "-p", "tests.limits", "-s", *options)
    assert code == 0, said
    assert f"limit {seconds}" in said


def test_a_hang_in_clearing_up_after_a_failure_ends_the_process_with_its_stack(tmp_path: Path) -> None:
    hang = "import pytest, time\n@pytest.fixture\ndef held():\n    yield\n    time.sleep(100)\n"
    write(tmp_path / "test_hang.py", hang + "@pytest.mark.timeout(5)\ndef test_it(held):\n    assert False\n")
    write(
        tmp_path / "conftest.py",
        "def pytest_addoption(parser):\n    parser.addoption('--long', action='store_true')\n",
    )
    code, said = pytest_run(tmp_path, "-p", "tests.limits", prepare="tests.limits.CLEARING_UP_SECONDS = 1")
    assert code == 1
    assert "Timeout (0:00:01)!" in said
    assert "in held" in said
