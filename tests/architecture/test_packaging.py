"""The distribution is what it says: private, pinned by hash, whole."""

from __future__ import annotations

import fnmatch
import importlib.metadata
import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from schemas import VERSION
from tests.architecture.tree import PACKAGES, ROOT, committed, imports, modules

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = {
    "requirements.lock": PROJECT["project"]["dependencies"],
    "requirements-dev.lock": PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"],
}
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(\[[^\]]*\])?==(?P<version>[^\s;\\]+)(?P<rest>.*)$")


def pins(lock: str) -> dict[str, tuple[Version, str]]:
    """Version and hashes of each distribution of a lock file."""
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    found: dict[str, tuple[Version, str]] = {}
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            match = PIN.match(line)
            assert match, f"{lock}: expected NAME==VERSION --hash=..., got {line[:80]!r}"
            found[canonicalize_name(match["name"])] = (Version(match["version"]), match["rest"])
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_distribution_has_hashes(lock: str) -> None:
    for name, (_, rest) in pins(lock).items():
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", rest), name


@pytest.mark.parametrize(
    "lock", [*LOCKS, *sorted(str(path) for path in ROOT.glob("tests/**/package-lock.json"))]
)
def test_a_lock_file_names_no_place_to_fetch_from(lock: str) -> None:
    if "node_modules" in lock:
        return
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    options = set(re.findall(r"(?<!\S)--?[a-z][a-z-]*", text))
    assert options <= {"--hash"}, "an option of pip's may name a place"


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_satisfies_what_the_project_asks_for(lock: str) -> None:
    found = pins(lock)
    for text in LOCKS[lock]:
        wanted = Requirement(text)
        version, _ = found[canonicalize_name(wanted.name)]
        assert wanted.specifier.contains(version, prereleases=True), f"{text}: locked is {version}"


def _needed(name: str) -> list[Requirement]:
    """What an installed distribution asks for here, extras left aside."""
    found = [Requirement(text) for text in importlib.metadata.requires(name) or []]
    return [one for one in found if one.marker is None or one.marker.evaluate({"extra": ""})]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_all_that_is_needed(lock: str) -> None:
    # It is installed by `pip install --no-deps`, which looks for nothing beside it.
    found = pins(lock)
    for name in found:
        try:
            needed = _needed(name)
        except importlib.metadata.PackageNotFoundError:  # of another platform
            continue
        for one in needed:
            assert canonicalize_name(one.name) in found, f"{name} needs {one}"


def test_what_an_extra_brings_is_asked_for_by_name_where_pip_may_not_find_the_extra() -> None:
    # pip before 23.3, which Python 3.11 brings, compares an extra as it is spelled.
    asked = {canonicalize_name(Requirement(text).name) for text in PROJECT["project"]["dependencies"]}
    for name in pins("requirements.lock"):
        try:
            needed = _needed(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        for one in needed:
            known = importlib.metadata.metadata(one.name).get_all("Provides-Extra") or []
            for extra in one.extras - set(known):
                brought = {
                    canonicalize_name(other.name)
                    for other in map(Requirement, importlib.metadata.requires(one.name) or [])
                    if other.marker and other.marker.evaluate({"extra": extra})
                } - {canonicalize_name(other.name) for other in _needed(one.name)}
                assert brought <= asked, f"{name} asks for {one}, pip may not find {extra!r}"


def test_both_locks_agree() -> None:
    run, dev = pins("requirements.lock"), pins("requirements-dev.lock")
    assert run.keys() <= dev.keys()
    assert {name: version for name, (version, _) in run.items()} == {name: dev[name][0] for name in run}


def test_npm_locks_carry_integrity() -> None:
    for path in ROOT.glob("tests/*/package-lock.json"):
        packages = json.loads(path.read_text(encoding="utf-8"))["packages"]
        for name, package in packages.items():
            assert not name or package["integrity"].startswith("sha512-"), name
            assert "resolved" not in package, name


def test_it_can_never_be_uploaded_by_accident() -> None:
    assert "Private :: Do Not Upload" in PROJECT["project"]["classifiers"]


def test_the_command_is_installed_and_leads_to_the_command_line() -> None:
    from streams.cli import main

    assert PROJECT["project"]["scripts"] == {"babelwire": "streams.cli:main"}
    scripts = importlib.metadata.entry_points(group="console_scripts", name="babelwire")
    assert [script.load() for script in scripts] == [main]


def test_there_is_one_version() -> None:
    assert PROJECT["project"]["dynamic"] == ["version"]
    assert PROJECT["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "schemas.VERSION"}
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)


def test_every_file_beside_the_code_is_packaged() -> None:
    patterns = PROJECT["tool"]["setuptools"]["package-data"]
    for path in committed():
        if path.parts[0] in PACKAGES and path.suffix != ".py":
            inner = "/".join(path.parts[1:])
            # setuptools' `**/` also matches no folder at all; fnmatch's `*` matches across folders.
            globs = [text.replace("**/", "*") for text in patterns[path.parts[0]]]
            assert any(fnmatch.fnmatch(inner, text) for text in globs), path


@pytest.fixture(scope="module")
def installed() -> dict[str, list[str]]:
    """Which distributions bring each package that is installed."""
    return dict(importlib.metadata.packages_distributions())


@pytest.mark.parametrize("path", modules(*PACKAGES), ids=str)
def test_what_is_imported_is_asked_for(path: Path, installed: dict[str, list[str]]) -> None:
    owners = installed
    asked = [*PROJECT["project"]["dependencies"]]
    # What compiles the knowledge base and what trains is no part of the running program, and need not be installed.
    for folder, group in (("agents/entities/knowledge/sources", "kb"), ("agents/entities/training", "ner")):
        if path.is_relative_to(folder):
            names = [Requirement(text).name for text in PROJECT["dependency-groups"][group]]
            asked += names
            owners = {name: [name] for name in names} | owners
    if path == Path("streams/spans.py"):  # imported only where tracing is on
        asked += PROJECT["project"]["optional-dependencies"]["otel"]
    wanted = {canonicalize_name(Requirement(text).name) for text in asked}
    for name in imports(path):
        top = name.split(".")[0]
        if top not in sys.stdlib_module_names | set(PACKAGES):
            found = {canonicalize_name(owner) for owner in owners.get(top, [])}
            assert found & wanted, f"{top} comes from {sorted(found)}, which pyproject.toml does not ask for"
