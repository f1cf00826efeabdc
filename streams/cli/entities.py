"""``babelwire entities``: what operators add to the knowledge base while the workers run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any

import click

from schemas.additions import Addition
from schemas.errors import BadInput, UsageError
from streams.cli.printing import echo_json, look, progress, table, visible, when
from streams.cli.root import EXIT_NO, settings_options

if TYPE_CHECKING:
    from streams.knowledge.curation import Desk, Verdict
    from streams.settings import Settings

_ANY = "*"
_SHARED = "?"
_BROKER = ("bootstrap_servers", "topic_prefix")
_TYPES = ("PER", "ORG", "LOC", "MISC")
_WIDTH = 60
_SHORTEST_ID = 3


def _changing(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--dry-run", is_flag=True, help="Only say what would be done."),
        click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line."),
    ):
        function = option(function)
    return function


@click.group(
    short_help="Adds entities and names while the workers run.",
    epilog="""\b
Example:
  babelwire entities add --type PER --name 'Jane Example' --kind minister --country NZ""",
)
def entities() -> None:
    """Adds entities, names and redirects to the knowledge base of the running workers.

    Workers use a change within two seconds; one that starts reads all of them before it takes articles. What is
    wrong with a change is told here, and nothing is written then.
    """


@entities.command(
    short_help="Adds an entity, or all the additions of a file.",
    epilog="""\b
Examples:
  babelwire entities add --type PER --name 'Jane Example' --kind minister --country NZ --also 'ru=Джейн Экзампл'
  babelwire entities add --id cur:alba-party --type ORG --name 'Alba Nova' --lang ro --redirect
  babelwire entities ls --json > additions.jsonl && babelwire entities add additions.jsonl""",
)
@click.argument("file", type=click.File("rb"), required=False)
@click.option(
    "--id", "identifier", help="Id: cur:SOMETHING or its Wikidata id.  [default: cur:, made of the name]"
)
@click.option("--type", "kind_of", type=click.Choice(_TYPES), help="What it is.")
@click.option("--name", help="Its canonical name.")
@click.option("--lang", default=_ANY, show_default=True, help="Language of the name; * for several.")
@click.option("--also", multiple=True, metavar="LANG=NAME", help="Another name, in a language; repeatable.")
@click.option("--kind", default="", help="What it is, finer: head, minister, agency, company, city, ...")
@click.option("--country", help="Its country, ISO 3166-1 alpha-2.")
@click.option(
    "--redirect", is_flag=True, help="Merge the provisional ids that its names have had until now into it."
)
@click.option("--common-word", is_flag=True, help="Its name is a word too: believed only with evidence.")
@_changing
@settings_options(*_BROKER)
def add(
    settings: Settings,
    file: IO[bytes] | None,
    identifier: str | None,
    kind_of: Any,
    name: str | None,
    lang: str,
    also: tuple[str, ...],
    kind: str,
    country: str | None,
    redirect: bool,
    common_word: bool,
    as_json: bool,
    dry_run: bool,
) -> int:
    """Adds an entity, or every addition in FILE (JSON Lines as `ls --json` prints them; -: standard input).

    A line of FILE takes the place of what was added about its entity before. What is wrong is refused, line by
    line, and the rest is added. Exits 1 when anything was refused.
    """
    if file is not None:
        if any((identifier, kind_of, name, also, kind, country, redirect, common_word)) or lang != _ANY:
            raise UsageError("Expected a file or the options of one entity, got both.")
        return _apply(settings, _from_file(file), as_json=as_json, dry_run=dry_run)
    if not (kind_of and name):
        raise UsageError("Expected --type and --name of an entity, or a file.")
    if identifier is not None and (len(identifier) < _SHORTEST_ID or identifier.split() != [identifier]):
        raise UsageError(
            f"--id: expected cur:SOMETHING or a Wikidata id, without spaces, got {identifier!r}; left out, it "
            "is made of the name."
        )
    wanted = _wanted(identifier, kind_of, name, lang, also, kind, country, common_word)

    def draft(desk: Desk) -> dict[str, Verdict]:
        merged = desk.redirects(wanted) if redirect else {}
        verdicts = desk.review({wanted.id: desk.add(wanted), **merged})
        if redirect and not merged:
            remark = "nothing to redirect: its names have had no provisional id of their own until now"
            verdicts[wanted.id] = replace(verdicts[wanted.id], remarks=(*verdicts[wanted.id].remarks, remark))
        return verdicts

    return _change(settings, draft, as_json=as_json, dry_run=dry_run)


@entities.command(epilog="Example: babelwire entities alias Q58217 'Siergiej Ławrow' --lang pl")
@click.argument("identifier", metavar="ID")
@click.argument("names", nargs=-1, required=True, metavar="NAMES...")
@click.option("--lang", default=_ANY, show_default=True, help="Language of the names; * for several.")
@click.option(
    "--common-word", is_flag=True, help="The names are words, or others', too: believed only with evidence."
)
@_changing
@settings_options(*_BROKER)
def alias(
    settings: Settings,
    identifier: str,
    names: tuple[str, ...],
    lang: str,
    common_word: bool,
    as_json: bool,
    dry_run: bool,
) -> int:
    """Gives the entity ID more names. It may be one of the knowledge base or one that was added."""
    if common_word and lang != _ANY:
        raise UsageError("Expected --lang or --common-word, got both: such names count in every language.")

    def draft(desk: Desk) -> dict[str, Verdict]:
        from streams.knowledge.curation import as_typed

        changed = desk.alias(identifier, map(as_typed, names), _SHARED if common_word else lang)
        return desk.review({changed.id: changed})

    return _change(settings, draft, as_json=as_json, dry_run=dry_run)


@entities.command(
    short_help="Redirects an entity to another it proved to be.",
    epilog="Example: babelwire entities merge nil:4a00c148deac9f39 cur:jane-example",
)
@click.argument("identifier", metavar="ID")
@click.argument("target", metavar="INTO")
@_changing
@settings_options(*_BROKER)
def merge(settings: Settings, identifier: str, target: str, as_json: bool, dry_run: bool) -> int:
    """Lets every mention of ID carry INTO, because they proved to be one. ID may be provisional (nil:...)."""

    def draft(desk: Desk) -> dict[str, Verdict]:
        changed = desk.merge(identifier, target)
        return desk.review({changed.id: changed})

    return _change(settings, draft, as_json=as_json, dry_run=dry_run)


@entities.command(
    short_help="Takes back what was added about entities.",
    epilog="""\b
Examples:
  babelwire entities rm cur:jane-example
  babelwire entities rm Q58217 --name 'Siergiej Ławrow'
  babelwire entities rm cur:jane-example --merge""",
)
@click.argument("identifiers", nargs=-1, required=True, metavar="IDS...")
@click.option("--name", "names", multiple=True, help="Take back only this name; repeatable.")
@click.option("--lang", help="Take back --name in this language only.  [default: in all]")
@click.option("--merge", "merged", is_flag=True, help="Take back only that it was merged into another.")
@_changing
@settings_options(*_BROKER)
def rm(
    settings: Settings,
    identifiers: tuple[str, ...],
    names: tuple[str, ...],
    lang: str | None,
    merged: bool,
    as_json: bool,
    dry_run: bool,
) -> int:
    """Takes back what was added about IDS: entities, names and redirects. The knowledge base stays as it is.

    What was merged into an entity that is gone then is parted from it: a provisional id names whom it named
    before, so events are again what they were.
    """
    if merged and names:
        raise UsageError("Expected --name or --merge, got both.")
    if lang is not None and not names:
        raise UsageError("Expected --name with --lang: a name to take back.")
    return _change(
        settings,
        lambda desk: desk.withdraw(identifiers, names, lang, merge=merged),
        as_json=as_json,
        dry_run=dry_run,
    )


@entities.command(epilog="Example: babelwire entities ls --json > additions.jsonl")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object a line, as `add FILE` takes them."
)
@settings_options(*_BROKER)
def ls(settings: Settings, as_json: bool) -> int:
    """Lists what operators added. Exits 1 when the topic holds records that are no additions."""
    from streams.knowledge.book import Book

    with progress("Reading the additions") as tell:
        book = look(Book.read(settings, tell))
    if as_json:
        for addition in book:
            echo_json(addition)
    else:
        rows = [
            (
                visible(one.id),
                one.type,
                visible(one.name, _WIDTH),
                str(sum(map(len, one.names.values()))),
                visible(one.merged_into or ""),
                when(book.stamps[one.id]),
            )
            for one in book
        ]
        if rows:
            table(rows, ("id", "type", "name", "names", "merged into", "written"), frozenset({3}))
        else:
            click.echo("Nothing was added.", err=True)
    for record, error in book.refused:
        where = f"{record.position.partition}/{record.position.offset}"
        click.echo(
            f"no addition at {where}, key {visible(record.key_text, 40)}: {visible(error.detail)}", err=True
        )
    return EXIT_NO if book.refused else 0


@entities.command(
    short_help="Shows what is known of an entity.", epilog="Example: babelwire entities show Q58217"
)
@click.argument("wanted", metavar="ID | NAME")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@settings_options(*_BROKER)
def show(settings: Settings, wanted: str, as_json: bool) -> int:
    """Shows what is known of an entity and what was added, by its id or by a name. Exits 1 when nothing is."""
    desk = look(_desk(settings))
    known = [wanted] if desk.lexicon.by_id(wanted) or wanted in desk.book.additions else []
    identifiers = known or [item.id for item in desk.named(wanted)]
    for identifier in identifiers:
        item, addition = desk.lexicon.by_id(identifier), desk.book.additions.get(identifier)
        if as_json:
            echo_json({"id": identifier, "entity": item and _described(item), "addition": addition})
            continue
        rows = [("id", identifier)]
        if item is not None:
            described = _described(item)
            shown = {
                "events say": item.id,
                **{name: described[name] for name in ("name", "type", "kind", "country")},
            }
            rows += [(name, str(value)) for name, value in shown.items() if value]
        if addition is not None:
            rows += [(f"name, {tag}", ", ".join(names)) for tag, names in addition.names.items()]
            rows += [("merged into", addition.merged_into)] if addition.merged_into else []
            rows.append(("written", when(desk.book.stamps[identifier])))
        base = desk.base.by_id(identifier)
        rows.append(("from", "the knowledge base" if base and not addition else
                     "the knowledge base, with additions" if base else "additions"))  # fmt: skip
        for name, text in rows:
            click.echo(f"{name:12} {visible(text)}")
        click.echo()
    if not identifiers:
        click.echo(f"Nothing is known as {visible(wanted)}.", err=True)
    return 0 if identifiers else EXIT_NO


def _described(item: Any) -> dict[str, Any]:
    names = ("id", "name", "type", "kind", "country", "weight", "wikidata")
    return {name: getattr(item, name) for name in names}


async def _desk(settings: Settings) -> Desk:
    from streams.knowledge.curation import Desk

    return await Desk.open(settings)


def _wanted(
    identifier: str | None,
    kind_of: Any,
    name: str,
    lang: str,
    also: Iterable[str],
    kind: str,
    country: str | None,
    common_word: bool,
) -> Addition:
    from streams.knowledge.curation import as_typed, own_id

    name = as_typed(name)
    names: dict[str, tuple[str, ...]] = {} if lang == _ANY else {lang: (name,)}
    for entry in also:
        tag, found, other = entry.partition("=")
        if not found:
            raise UsageError(f"--also: expected LANG=NAME, for example ru='Джейн Экзампл', got {entry!r}.")
        names[tag] = (*names.get(tag, ()), as_typed(other))
    return Addition(
        id=identifier or own_id(name),
        type=kind_of,
        name=name,
        kind=kind,
        country=country,
        names=names,
        common_word=common_word,
    )


def _change(
    settings: Settings,
    draft: Callable[[Desk], Mapping[str, Verdict]],
    *,
    as_json: bool,
    dry_run: bool,
) -> int:
    """Reads, drafts and writes one change; all of it or nothing."""
    from streams.knowledge import curation

    async def run() -> list[Verdict]:
        verdicts = draft(await curation.Desk.open(settings))
        if not dry_run and not any(verdict.objections for verdict in verdicts.values()):
            await curation.write(settings, _to_write(verdicts.values()))
        return list(verdicts.values())

    return _tell(look(run()), as_json=as_json, dry_run=dry_run)


def _from_file(file: IO[bytes]) -> list[tuple[int, Addition | BadInput]]:
    from streams.knowledge.additions import read

    found: list[tuple[int, Addition | BadInput]] = list(read(file))
    if not found:
        raise UsageError("Expected additions, one JSON object a line, got an empty file.")
    return found


def _apply(
    settings: Settings, lines: list[tuple[int, Addition | BadInput]], *, as_json: bool, dry_run: bool
) -> int:
    """Reviews the lines of a file together and writes those that nothing is wrong with."""
    from streams.knowledge import curation

    changes: dict[str, Addition] = {}
    at: dict[str, int] = {}
    verdicts: list[Verdict] = []
    for number, item in lines:
        if isinstance(item, BadInput):
            wrong, identifier = item.detail, ""
        elif item.id in changes:
            wrong, identifier = f"{item.id} stands in line {at[item.id]} too", item.id
        else:
            changes[item.id], at[item.id] = item, number
            continue
        verdicts.append(
            curation.Verdict(id=identifier, status="refused", addition=None, objections=(wrong,), line=number)
        )

    async def run(tell: Any) -> None:
        desk = await curation.Desk.open(settings)
        found = desk.review(changes).values()
        verdicts.extend(replace(verdict, line=at[verdict.id]) for verdict in found)
        if not dry_run:
            await curation.write(settings, _to_write(found), tell)

    with progress("Writing the additions") as tell:
        look(run(tell))
    return _tell(sorted(verdicts, key=lambda one: one.line or 0), as_json=as_json, dry_run=dry_run)


def _to_write(verdicts: Iterable[Verdict]) -> dict[str, Addition | None]:
    return {one.id: one.addition for one in verdicts if one.status in ("added", "changed", "removed")}


def _tell(verdicts: list[Verdict], *, as_json: bool, dry_run: bool) -> int:
    """Prints what became of each change and returns the exit code."""
    counts: Counter[str] = Counter(verdict.status for verdict in verdicts)
    for verdict in verdicts:
        if as_json:
            echo_json({
                "id": verdict.id, "line": verdict.line, "status": verdict.status, "written": not dry_run,
                "objections": verdict.objections, "remarks": verdict.remarks, "addition": verdict.addition,
                "before": verdict.before,
            })  # fmt: skip
            continue
        where = "" if verdict.line is None else f"line {verdict.line}: "
        if verdict.objections:
            for text in verdict.objections:
                click.echo(f"{where}refused: {visible(text)}", err=True)
            continue
        many = len(verdicts) > 1 and verdict.line is not None
        if not many:
            click.echo(f"{'would be ' if dry_run else ''}{_sentence(verdict)}")
        for text in verdict.remarks if not many else ():
            click.echo(f"note: {visible(text)}", err=True)
    if not as_json and len(verdicts) > 1:
        click.echo(", ".join(f"{count:,} {status}" for status, count in counts.most_common()))
    return EXIT_NO if counts["refused"] else 0


def _sentence(verdict: Verdict) -> str:
    one = verdict.addition
    if one is None:
        return f"{verdict.status}: {visible(verdict.id)}"
    names = ", ".join(dict.fromkeys(name for listed in one.names.values() for name in listed))
    into = f", merged into {one.merged_into}" if one.merged_into else ""
    return visible(f"{verdict.status}: {one.id} ({one.type} {one.name}{f'; {names}' if names else ''}){into}")
