"""``babelwire kb``: the knowledge base, and what an operator adds to it from Wikidata."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

import click

from schemas.article import EntityType
from schemas.errors import UsageError
from streams.cli.printing import echo_json, steps, visible
from streams.cli.root import EXIT_NO, settings_options
from streams.settings import Settings

_TYPES = ("PER", "ORG", "LOC")
_FOLDER = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(
    short_help="Shows the knowledge base, makes a larger one.",
    epilog="Example: babelwire kb import --wikidata latest-all.json.gz --out larger-kb",
)
def kb() -> None:
    """The knowledge base: what is in it, and a larger one from a Wikidata dump or a ParaNames table."""


@kb.command(
    short_help="Tells version and size of the knowledge base.",
    epilog="Example: babelwire kb show --knowledge-base larger-kb",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@settings_options("knowledge_base")
def show(settings: Settings, as_json: bool) -> None:
    """Tells version and size of the knowledge base that the workers use."""
    from agents.entities.knowledge.kb import FOLDER, described

    folder = Path(settings.knowledge_base) if settings.knowledge_base else FOLDER
    try:
        meta = described(folder)
    except ValueError as error:
        raise UsageError(str(error)) from error
    size = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    if as_json:
        echo_json({**meta, "folder": str(folder), "bytes": size})
        return
    click.echo(
        f"{meta['version']}: {meta['entities']:,} entities, {meta['aliases']:,} names in "
        f"{len(meta['languages']) - 1} languages, {size / 1e6:.1f} MB in {folder}"
    )


@kb.command(
    "import",
    short_help="Makes a larger one from a Wikidata dump or ParaNames.",
    epilog="\b\nExample: babelwire kb import --wikidata latest-all.json.gz --min-sitelinks 20 --out larger-kb",
)
@click.option(
    "--wikidata", type=_FILE, help="JSON dump, one entity a line: .json, .json.gz, .json.bz2, .json.zst."
)
@click.option("--paranames", type=_FILE, help="ParaNames table: .tsv, .tsv.gz, .tsv.bz2, .tsv.zst.")
@click.option(
    "--out", required=True, type=_FOLDER, help="Folder to write; a knowledge base in it is replaced."
)
@click.option(
    "--base", type=_FOLDER, help="Knowledge base to start from.  [default: the one babelwire brings]"
)
@click.option(
    "--min-sitelinks",
    default=10,
    show_default=True,
    type=click.IntRange(0),
    help="Wikipedias that write of an entity.",
)
@click.option(
    "--min-languages",
    default=10,
    show_default=True,
    type=click.IntRange(1),
    help="Languages that name an entity, where there is a ParaNames table and no dump.",
)
@click.option(
    "--languages", help="Codes of the languages to take names of, joined by commas.  [default: all]"
)
@click.option(
    "--type",
    "types",
    multiple=True,
    type=click.Choice(_TYPES),
    help="Take only these; repeatable.  [default: all]",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def take(
    wikidata: Path | None,
    paranames: Path | None,
    out: Path,
    base: Path | None,
    min_sitelinks: int,
    min_languages: int,
    languages: str | None,
    types: tuple[str, ...],
    as_json: bool,
) -> int:
    """Makes a larger knowledge base from a Wikidata dump, a ParaNames table or both.

    What babelwire brings stays as it is and gains names; what is new comes under its Wikidata id. Workers use the
    result when their setting `knowledge_base` names the folder, from their next start on. Needs free disk of about
    the size of what is taken. Ctrl-C and SIGTERM leave everything as it was; what a killed import left in
    OUT.importing the next one removes. Exits 1 when nothing was taken.
    """
    if wikidata is None and paranames is None:
        raise click.UsageError("Give --wikidata, --paranames or both.")
    from agents.entities.knowledge.enlarge import Wanted, enlarge
    from agents.entities.knowledge.kb import FOLDER, Compiled
    from agents.entities.knowledge.sources.wikidata import code_of

    wanted = Wanted(
        types=frozenset(kind for kind in get_args(EntityType) if kind in (types or _TYPES)),
        languages=frozenset(code_of(code.strip()) for code in (languages or "").split(",") if code.strip()),
        min_sitelinks=min_sitelinks,
        min_languages=min_languages,
    )
    started = time.monotonic()
    try:
        with _ended_in_order(), steps() as told:
            summary = enlarge(
                Compiled(base or FOLDER), out, wanted, dump=wikidata, table=paranames, told=told
            )
    except ValueError as error:
        raise UsageError(str(error)) from error
    code = 0 if summary.new or summary.joined else EXIT_NO
    if as_json:
        echo_json({**asdict(summary), "folder": str(out)})
        return code
    click.echo(
        f"{summary.version}: {summary.entities:,} entities, {summary.aliases:,} names in {out}, "
        f"{time.monotonic() - started:.0f} s"
    )
    click.echo(f"  new entities      {summary.new:,}")
    click.echo(f"  gained names      {summary.joined:,}")
    click.echo(f"  of no known class {summary.untyped:,}")
    click.echo(f"  unreadable lines  {summary.unreadable:,}")
    for why, count in summary.refused.most_common():
        click.echo(f"  names refused     {count:,}: {visible(why)}")
    if code:
        sources = " and ".join(visible(str(path)) for path in (wikidata, paranames) if path is not None)
        click.echo(f"Nothing was taken of {sources}: is it what --wikidata and --paranames expect?", err=True)
    else:
        click.echo(f"Workers use it with BABELWIRE_KNOWLEDGE_BASE={visible(str(out.resolve()))}")
    return code


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Lets SIGTERM, and the terminal that closes, end the work as Ctrl-C does: what was begun is cleared up."""

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    heard = (
        number for number in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(number) != signal.SIG_IGN
    )
    before = {number: signal.signal(number, stop) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
