"""The ``babelwire`` command and what all its subcommands share: settings, errors, exit codes."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import functools
import importlib
import io
import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import click

from schemas import VERSION
from schemas.errors import BabelwireError, BrokerError, SettingsError, UsageError

COMMANDS = {
    "audit": "streams.cli.audit:audit",
    "dlq": "streams.cli.dlq:dlq",
    "doctor": "streams.cli.doctor:doctor",
    "entities": "streams.cli.entities:entities",
    "explain": "streams.cli.explain:explain",
    "ingest": "streams.cli.ingest:ingest",
    "kb": "streams.cli.kb:kb",
    "learn": "streams.cli.learn:learn",
    "replay": "streams.cli.replay:replay",
    "run": "streams.cli.run:run",
    "schemas": "streams.cli.schemas:schemas",
    "serve": "streams.cli.serve:serve",
    "stages": "streams.cli.stages:stages",
    "tail": "streams.cli.tail:tail",
    "topics": "streams.cli.topics:topics",
    "up": "streams.cli.up:up",
    "worker": "streams.cli.worker:worker",
}
"""Every subcommand, with the module that holds it: ``--help`` of one must not load the libraries of all."""

EXIT_NO = 1
EXIT_USAGE = 2
EXIT_BROKER = 3
EXIT_BUG = 70
EXIT_INTERRUPTED = 130

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What the system says when there is no room for what is written."""

F = TypeVar("F", bound=Callable[..., Any])


class _Root(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        where = COMMANDS.get(cmd_name)
        if where is None:
            return None
        module, name = where.split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        import difflib

        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            if not near:
                raise
            raise click.UsageError(f"{error.message} Did you mean {near[0]!r}?", ctx) from None


@click.group(cls=_Root, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(VERSION, prog_name="babelwire")
@click.option("--debug", is_flag=True, envvar="BABELWIRE_DEBUG", help="Show tracebacks.")
def root(debug: bool) -> None:
    """Turns raw news articles in any language into clean, language-tagged, entity-linked events on Kafka.

    \b
    Examples:
      babelwire up --samples             a first look: broker in memory, workers, ingest server, sample articles
      babelwire run article.html         clean, tag and link files here, without Kafka
      babelwire worker                   take articles from the Kafka at BABELWIRE_BOOTSTRAP_SERVERS
      babelwire ingest articles.jsonl    send it articles
      babelwire tail                     watch the enriched events
    """


def main() -> None:
    """Runs the command line and leaves the process with its exit code."""
    _refuse_foreign_agents()
    # onnxruntime reads this when it is imported, here and in the workers: without it, it writes an id of this machine
    # into the user's home and has an address to send reports to.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    for stream in (sys.stdout, sys.stderr):
        # A terminal that is not UTF-8 shows a name it cannot spell as escapes; the command goes on.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    debug = "--debug" in sys.argv or os.environ.get("BABELWIRE_DEBUG") in ("1", "true")
    code = run(sys.argv[1:], debug=debug)
    code = _flushed(code)
    if code == EXIT_INTERRUPTED:
        # A thread may still read standard input, and Python aborts at shutdown over its lock.
        os._exit(code)
    sys.exit(code)


def reader_left() -> None:
    """Sends what is still to be printed nowhere: the reader (`| head`) has what it wanted.

    Otherwise Python complains at shutdown, and leaves with its own exit code.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _flushed(code: int) -> int:
    """Writes out what is still held back and returns the exit code: ``code``, unless it could not be written."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        reader_left()
    except OSError as error:
        reader_left()
        if not code:
            click.echo(f"babelwire: {_unwritten(error)}", err=True)
            code = EXIT_NO
    with contextlib.suppress(OSError):
        sys.stderr.flush()
    return code


def _unwritten(error: OSError) -> str:
    return f"Expected to write all of it: {error.strerror}. Free some space where the output and the data folder lie."


def run(arguments: list[str], *, debug: bool = False) -> int:
    """Runs one command line and returns its exit code; errors go to standard error, in words."""
    try:
        result = root.main(args=arguments, prog_name="babelwire", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        return EXIT_INTERRUPTED
    except click.ClickException as error:
        error.show()
        return EXIT_USAGE
    except BrokenPipeError:
        reader_left()
        return 0
    except SystemExit as leave:  # Click's own answer to a broken pipe is to leave with 1
        if isinstance(leave.__context__, BrokenPipeError):
            reader_left()
            return 0
        raise
    except BabelwireError as error:
        if debug:
            raise
        click.echo(f"babelwire: {error}", err=True)
        if isinstance(error, SettingsError | UsageError):
            return EXIT_USAGE
        return EXIT_BROKER if isinstance(error, BrokerError) else EXIT_NO
    except Exception as error:
        if debug:
            raise
        if isinstance(error, OSError) and error.errno in _FULL:
            click.echo(f"babelwire: {_unwritten(error)}", err=True)
            return EXIT_NO
        if isinstance(error, PermissionError) and error.filename is not None:
            click.echo(
                f"babelwire: Expected to be allowed to use {os.fsdecode(error.filename)!r}: {error.strerror}. "
                "Run as its owner, or name another place: --data-dir, and HOME for the embedded broker.",
                err=True,
            )
            return EXIT_USAGE
        if isinstance(error, UnicodeEncodeError) and any(map(_torn, arguments)):
            click.echo(
                f"babelwire: Expected arguments in {sys.getfilesystemencoding()}, the encoding of this locale, got "
                f"{', '.join(ascii(one) for one in arguments if _torn(one))}. LC_ALL=C.UTF-8 takes every name.",
                err=True,
            )
            return EXIT_USAGE
        click.echo(
            f"babelwire: {type(error).__name__}: {error}\n"
            "This is a bug in babelwire. `babelwire --debug ...` shows where; please report it with that.",
            err=True,
        )
        return EXIT_BUG


def _torn(argument: str) -> bool:
    """Says whether ``argument`` came as bytes that this locale cannot read."""
    return any("\ud800" <= sign <= "\udfff" for sign in argument)


def settings_options(*names: str) -> Callable[[F], F]:
    """Adds a ``--name`` option for each of the settings ``names`` to a command and hands it ``settings``."""

    def decorate(function: F) -> F:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            from streams import settings as module

            flags = {name: kwargs.pop(name) for name in names}
            return function(*args, settings=module.load(flags), **kwargs)

        wrapped: Any = call
        for name in reversed(names):
            option = f"--{name.replace('_', '-')}"
            wrapped = click.option(option, name, default=None, help=_MANUAL[name])(wrapped)
        return wrapped  # type: ignore[no-any-return]

    return decorate


_MANUAL = {
    "bootstrap_servers": "Kafka brokers, host:port joined by commas.  [default: 127.0.0.1:9092]",
    "topic_prefix": "Put before every topic and group name.",
    "topology": "Topics between the stages: '|' puts one, '+' fuses.  [default: clean | language | entities]",
    "processes": "Worker processes.  [default: 1]",
    "data_dir": "Folder for what babelwire keeps on this machine.  [default: .babelwire]",
    "http_host": "Address to serve.  [default: 127.0.0.1]",
    "http_port": "Port to serve.  [default: 8080]",
    "metrics_host": "Address of /metrics, /livez and /readyz.  [default: 127.0.0.1]",
    "metrics_port": "Port of /metrics, /livez and /readyz; 0 takes a free one.  [default: 9464]",
    "partitions": "Partitions of article topics that are created.  [default: 12]",
    "replication_factor": "Copies of each partition that is created; -1: the broker's default.",
    "knowledge_base": "Folder of a knowledge base made by `babelwire kb import`.",
    "log_format": "How log lines look: json or console.  [default: json]",
    "max_lag": "Waiting articles beyond which posting is answered with 429.  [default: 50000]",
    "max_article_bytes": "Largest article taken, bytes of JSON.  [default: 1048576]",
}

T = TypeVar("T")


def run_async(main: Coroutine[Any, Any, T]) -> T:
    """Runs a command's coroutine to its end; Ctrl-C cancels it and lets it clean up."""
    return asyncio.run(main)


def _refuse_foreign_agents() -> None:
    """Refuses to run with another distribution's ``agents`` package (openai-agents installs one)."""
    import agents
    import schemas

    here = Path(__file__).resolve().parents[2]
    for package in (agents, schemas):
        found = Path(str(package.__file__)).resolve().parents[1]
        if found != here:
            click.echo(
                f"babelwire: expected the package {package.__name__!r} in {here}, found it in {found}. Another "
                "distribution of that name is installed in this environment; give babelwire its own.",
                err=True,
            )
            sys.exit(EXIT_USAGE)
