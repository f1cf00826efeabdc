"""``babelwire schemas``: the JSON Schemas and the AsyncAPI document, written, checked and shown."""

from __future__ import annotations

import difflib
import json
import re
from pathlib import Path
from typing import Any

import click

import schemas as package
from schemas import VERSION
from schemas.cloudevents import event_type
from schemas.compatibility import Finding, compare_all
from schemas.documents import Schema, event_schemas, field_tables, from_outside, render
from schemas.errors import UsageError

ROOT = Path(str(package.__file__)).parent
"""Where the documents lie: beside the types they are made of."""
ASYNCAPI = "asyncapi.yaml"
MANUAL = "../docs/events.md"
"""The manual for consumers, where there is one: it holds the tables of the fields."""
_MARKS = re.compile(r"(?P<start><!-- fields of (?P<event>\S+) -->\n).*?(?P<end><!-- end -->)", re.DOTALL)


@click.group(
    short_help="Writes, checks and shows the schemas of the events.",
)
def schemas() -> None:
    """Writes, checks and shows the JSON Schemas of the events and the AsyncAPI document of the topics.

    \b
    Example:
      babelwire schemas show babelwire.article.enriched.v1
      babelwire schemas check
    """


@schemas.command(
    short_help="Writes the documents anew from the types.", epilog="Example: babelwire schemas write"
)
def write() -> None:
    """Writes the documents anew from the Python types and the topic table."""
    wanted = documents()
    for name, text in wanted.items():
        path = ROOT / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for name in _present() - set(wanted):
        (ROOT / name).unlink()
    click.echo(f"Wrote {len(wanted)} documents to {ROOT}.")


@schemas.command(
    short_help="Compares documents, types and the last release.", epilog="Example: babelwire schemas check"
)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def check(as_json: bool) -> int:
    """Compares the documents with the types, and the types with the last released version.

    Exits with 1 when a document is out of date (`babelwire schemas write` mends that) or when a change breaks
    readers of the last released version (take it back, or publish it as a new version of the topic).
    """
    drift = _drift()
    version, findings = _findings()
    if as_json:
        rows = [
            {"event": one.event, "path": one.path, "kind": one.kind, "detail": one.detail} for one in findings
        ]
        click.echo(json.dumps({"out_of_date": sorted(drift), "released": version, "breaks": rows}, indent=2))
        return int(bool(drift or findings))
    for text in drift.values():
        click.echo(text, nl=False)
    for one in findings:
        click.echo(str(one))
    if drift:
        click.echo(f"Out of date: {', '.join(sorted(drift))}. Run `babelwire schemas write`.")
    if findings:
        click.echo(
            f"{len(findings)} changes break readers or writers of {version}. Take them back, or publish "
            "the new form as a new version of the topic (docs/events.md)."
        )
    if not drift and not findings:
        click.echo(f"The documents are up to date, and compatible with version {version}.")
    return int(bool(drift or findings))


@schemas.command(
    short_help="Shows what changed since the last release.", epilog="Example: babelwire schemas diff"
)
def diff() -> int:
    """Shows what has changed since the last released version; exits with 1 when anything has."""
    version = _released_version()
    texts = documents()
    changed = False
    for name in sorted(_released(version).keys() | {name for name in texts if name.startswith("json/")}):
        old = ROOT / "released" / version / Path(name).name
        before = old.read_text(encoding="utf-8") if old.exists() else ""
        text = _difference(before, texts.get(name, ""), f"{version}/{name}", f"now/{name}")
        changed = changed or bool(text)
        click.echo(text, nl=False)
    if not changed:
        click.echo(f"Nothing has changed since version {version}.")
    return int(changed)


@schemas.command(
    short_help="Prints one document, or lists them.", epilog="Example: babelwire schemas show asyncapi"
)
@click.argument("name", required=False)
def show(name: str | None) -> None:
    """Prints one document, by event type or `asyncapi`; without a name, lists them."""
    texts = {Path(path).stem: text for path, text in documents().items() if path != MANUAL}
    if name is None:
        for known in sorted(texts):
            click.echo(known)
        return
    if name not in texts:
        near = difflib.get_close_matches(name, texts, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise UsageError(f"Expected one of {', '.join(sorted(texts))}, got {name!r}.{hint}")
    click.echo(texts[name], nl=False)


@schemas.command(
    short_help="Keeps a copy as those of this version.", epilog="Example: babelwire schemas release"
)
@click.option("--replace", is_flag=True, help="Replace the copy of a version that nobody has yet.")
def release(replace: bool) -> None:
    """Keeps a copy of the JSON Schemas as those of this version: later changes are checked against it."""
    folder = ROOT / "released" / VERSION
    texts = {Path(name).name: text for name, text in documents().items() if name.startswith("json/")}
    known = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.json")}
    if known and known != texts and not replace:
        raise UsageError(
            f"Version {VERSION} is released with other schemas. Raise `schemas.VERSION`, or, if nobody has "
            "that version yet, use --replace."
        )
    folder.mkdir(parents=True, exist_ok=True)
    for name in known.keys() - texts.keys():
        (folder / name).unlink()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    click.echo(f"Released {len(texts)} schemas as version {VERSION}.")


def documents() -> dict[str, str]:
    """Returns the text of every document, by its path under ``schemas/``."""
    from agents.pipeline import topics

    texts = {f"json/{event}.json": render(schema) for event, schema in event_schemas(topics()).items()}
    texts[ASYNCAPI] = _yaml(_asyncapi())
    if (ROOT / MANUAL).exists():
        texts[MANUAL] = _with_tables((ROOT / MANUAL).read_text(encoding="utf-8"), event_schemas(topics()))
    return texts


def _with_tables(text: str, known: dict[str, Schema]) -> str:
    """Puts the table of fields between each pair of marks of the manual."""

    def table(found: re.Match[str]) -> str:
        return f"{found['start']}\n{field_tables(known[found['event']])}\n{found['end']}"

    return _MARKS.sub(table, text)


def _asyncapi() -> Schema:
    from agents.pipeline import hops, topics
    from schemas.asyncapi import Agent, document
    from streams.settings import Settings

    group = Settings().group("articles")
    agents = []
    for hop in hops():
        (stage,) = hop.stages
        summary = stage.manual.partition("\n")[0]
        agents.append(
            Agent(name=stage.name, summary=summary, group=group, reads=hop.input, writes=hop.output)
        )
    return document(topics(), agents)


def _yaml(value: Any) -> str:
    import yaml

    class Dumper(yaml.SafeDumper):
        """Writes each value where it stands, and text of several lines as such."""

        def ignore_aliases(self, data: Any) -> bool:
            return True

    def text(dumper: yaml.SafeDumper, data: str) -> yaml.ScalarNode:
        style = "|" if "\n" in data and not any(line != line.rstrip() for line in data.split("\n")) else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", data, style=style)

    Dumper.add_representer(str, text)
    head = (
        "# Made by `babelwire schemas write` from the topic table and the Python types; not edited by hand.\n"
    )
    return head + str(yaml.dump(value, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=110))


def _present() -> set[str]:
    found = {f"json/{path.name}" for path in (ROOT / "json").glob("*.json")}
    return found | ({ASYNCAPI} if (ROOT / ASYNCAPI).exists() else set())


def _drift() -> dict[str, str]:
    """Returns the difference of each document that is out of date."""
    wanted = documents()
    drift = {}
    for name in sorted(wanted.keys() | _present()):
        path = ROOT / name
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        text = _difference(before, wanted.get(name, ""), f"schemas/{name}", f"types/{name}")
        if text:
            drift[name] = text
    return drift


def _difference(old: str, new: str, old_name: str, new_name: str) -> str:
    lines = difflib.unified_diff(old.splitlines(True), new.splitlines(True), old_name, new_name)
    return "".join(click.style(line, fg=_COLOURS.get(line[0])) for line in lines)


_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def _released_version() -> str:
    def order(version: str) -> list[int]:
        return [int(part) for part in version.split(".")]

    versions = [path.name for path in (ROOT / "released").glob("*.*.*")]
    if not versions:
        raise UsageError(
            f"Expected a released version in {ROOT / 'released'}, found none: the installation is broken."
        )
    return max(versions, key=order)


def _released(version: str) -> dict[str, Schema]:
    """Returns the schemas of a released version by their path."""
    folder = ROOT / "released" / version
    return {
        f"json/{path.name}": json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")
    }


def _findings() -> tuple[str, list[Finding]]:
    """Compares today's schemas with those of the last released version."""
    from agents.pipeline import topics

    version = _released_version()
    old = {Path(name).stem: schema for name, schema in _released(version).items()}
    outside = frozenset(event_type(topic.name) for topic in topics() if from_outside(topic))
    return version, compare_all(old, event_schemas(topics()), from_outside=outside)
