"""``babelwire schemas`` keeps the committed documents, the types and the last release together."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from schemas import VERSION
from streams.cli import schemas as module
from streams.cli.schemas import schemas

COMMITTED = module.ROOT


def call(*arguments: str) -> Result:
    return CliRunner().invoke(schemas, list(arguments), standalone_mode=False)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the documents that may be changed."""
    for name in ("json", "released"):
        shutil.copytree(COMMITTED / name, tmp_path / name)
    shutil.copy(COMMITTED / module.ASYNCAPI, tmp_path)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    return tmp_path


def test_the_committed_documents_are_up_to_date_and_compatible() -> None:
    result = call("check")
    assert result.return_value == 0, result.output
    assert "up to date" in result.output


def test_the_last_release_is_there_and_is_not_newer_than_the_program() -> None:
    version = module._released_version()
    assert [int(part) for part in version.split(".")] <= [int(part) for part in VERSION.split(".")]
    assert {path.name for path in (COMMITTED / "released" / version).glob("*.json")}


def test_a_document_changed_by_hand_is_drift(root: Path) -> None:
    path = root / "json/babelwire.article.raw.v1.json"
    path.write_text(
        path.read_text(encoding="utf-8").replace("Headline, when known.", "Title."), encoding="utf-8"
    )
    result = call("check")
    assert result.return_value == 1
    assert '-      "description": "Title."' in result.output
    assert '+      "description": "Headline, when known."' in result.output
    assert "babelwire schemas write" in result.output


def test_a_missing_and_a_left_over_document_are_drift_and_write_mends_both(root: Path) -> None:
    (root / "json/babelwire.article.raw.v1.json").unlink()
    (root / "json/babelwire.article.old.v1.json").write_text("{}\n", encoding="utf-8")
    shown = json.loads(call("check", "--json").output)
    assert shown["out_of_date"] == [
        "json/babelwire.article.old.v1.json",
        "json/babelwire.article.raw.v1.json",
    ]
    assert shown["breaks"] == []
    call("write")
    assert call("check").return_value == 0
    for path in (root / "json").iterdir():
        assert path.read_bytes() == (COMMITTED / "json" / path.name).read_bytes()
    assert (root / module.ASYNCAPI).read_bytes() == (COMMITTED / module.ASYNCAPI).read_bytes()


def test_a_change_that_breaks_readers_of_the_last_release_is_refused(root: Path) -> None:
    path = root / "released" / module._released_version() / "babelwire.article.enriched.v1.json"
    released = json.loads(path.read_text(encoding="utf-8"))
    released["properties"]["sentiment"] = {"type": "number"}
    path.write_text(json.dumps(released), encoding="utf-8")
    result = call("check")
    assert result.return_value == 1
    assert "babelwire.article.enriched.v1 $.sentiment: field_removed" in result.output
    (finding,) = json.loads(call("check", "--json").output)["breaks"]
    assert (finding["event"], finding["path"]) == ("babelwire.article.enriched.v1", "$.sentiment")


def test_raw_articles_may_be_widened_but_not_narrowed(root: Path) -> None:
    path = root / "released" / module._released_version() / "babelwire.article.raw.v1.json"
    released = json.loads(path.read_text(encoding="utf-8"))
    title = released["properties"]["title"]
    path.write_text(
        json.dumps(
            {**released, "properties": {**released["properties"], "title": {**title, "maxLength": 10}}}
        )
    )
    assert call("check").return_value == 0
    path.write_text(
        json.dumps(
            {**released, "properties": {**released["properties"], "title": {**title, "maxLength": 9999}}}
        )
    )
    assert call("check").return_value == 1


def test_the_highest_release_counts(root: Path) -> None:
    for version in ("0.10.0", "0.9.0"):
        shutil.copytree(
            root / "released" / module._released_version(), root / "released" / version, dirs_exist_ok=True
        )
    assert module._released_version() == "0.10.0"


def test_diff_shows_what_has_changed_since_the_last_release(root: Path) -> None:
    assert call("diff").return_value in (0, 1)
    call("release", "--replace")
    result = call("diff")
    assert result.return_value == 0
    assert "Nothing has changed" in result.output
    path = root / "released" / VERSION / "babelwire.article.raw.v1.json"
    path.write_text(
        path.read_text(encoding="utf-8").replace('"x-unit": "revisions"', '"x-unit": "editions"'),
        encoding="utf-8",
    )
    result = call("diff")
    assert result.return_value == 1
    assert '+      "x-unit": "revisions"' in result.output


def test_a_released_version_is_not_replaced_by_accident(root: Path) -> None:
    call("release", "--replace")
    path = root / "released" / VERSION / "babelwire.article.raw.v1.json"
    kept = path.read_bytes() + b"\n"
    path.write_bytes(kept)
    refused = call("release")
    assert "Raise `schemas.VERSION`" in str(refused.exception)
    assert path.read_bytes() == kept
    assert call("release", "--replace").exception is None
    assert path.read_bytes() == (COMMITTED / "json" / path.name).read_bytes()


def test_show_lists_and_prints() -> None:
    names = call("show").output.split()
    assert names == sorted(names)
    assert {"asyncapi", "babelwire.article.enriched.v1"} <= set(names)
    shown = call("show", "babelwire.article.enriched.v1").output
    assert json.loads(shown)["title"] == "EnrichedArticle"
    assert yaml.safe_load(call("show", "asyncapi").output)["asyncapi"] == "3.1.0"


def test_show_of_an_unknown_name_suggests_the_nearest() -> None:
    result = call("show", "babelwire.article.enriched.v2")
    assert "Did you mean 'babelwire.article.enriched.v1'?" in str(result.exception)


def test_the_yaml_has_no_aliases_and_reads_back_as_the_document() -> None:
    text = (COMMITTED / module.ASYNCAPI).read_text(encoding="utf-8")
    assert "&id" not in text
    assert yaml.safe_load(text) == module._asyncapi()


def test_the_tables_of_the_manual_are_kept_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, manual = tmp_path / "schemas", tmp_path / "docs/events.md"
    shutil.copytree(COMMITTED, root, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    manual.parent.mkdir()
    monkeypatch.setattr(module, "ROOT", root)
    assert call("check").return_value == 0
    manual.write_text(
        "Before.\n<!-- fields of babelwire.article.raw.v1 -->\nold\n<!-- end -->\nAfter.\n", encoding="utf-8"
    )
    shown = call("check")
    assert shown.return_value == 1
    assert "-old" in shown.output
    call("write")
    text = manual.read_text(encoding="utf-8")
    assert text.startswith("Before.\n<!-- fields of babelwire.article.raw.v1 -->\n")
    assert "| `content` | string |" in text
    assert text.endswith("\n<!-- end -->\nAfter.\n")
    assert call("check").return_value == 0
