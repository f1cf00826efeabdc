"""What is printed is safe for a terminal; times on the command line are what people write."""

from __future__ import annotations

import time

import click
import pytest

from streams.cli.printing import moment, table, visible, when
from streams.cli.root import root

MINE = ("audit", "dlq", "doctor", "explain", "replay", "tail", "topics")


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("2026-11-21T19:40:00Z", 1_795_290_000_000),
        ("2026-11-21T20:40:00+01:00", 1_795_290_000_000),
        ("2026-11-21T19:40", 1_795_290_000_000),
        ("1970-01-01", 0),
    ],
)
def test_a_time_is_utc_unless_it_says_otherwise(text: str, milliseconds: int) -> None:
    assert moment(text) == milliseconds


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("15m", 900), ("1.5h", 5400), ("2d", 172_800)])
def test_an_age_counts_back_from_now(text: str, seconds: float) -> None:
    assert abs(moment(text) - (time.time() - seconds) * 1000) < 5000


@pytest.mark.parametrize("text", ["", "yesterday", "15", "2026-13-01", "h", "-5m"])
def test_anything_else_is_refused_with_examples(text: str) -> None:
    with pytest.raises(click.BadParameter, match="15m"):
        moment(text)


def test_what_could_change_a_terminal_is_shown_as_an_escape() -> None:
    hostile = "a\x1b[31m\u202eb\u2066\n\x00\ud800é 王"
    assert visible(hostile) == "a\\x1b[31m\\u202eb\\u2066\\n\\x00\\ud800é 王"
    assert visible("abcdef", 4) == "abc…"


def test_a_timestamp_that_is_no_time_is_shown_as_it_is() -> None:
    assert when(1_795_290_000_000) == "2026-11-21T19:40:00Z"
    assert when(2**62) == f"{2**62} ms"


def test_columns_are_as_wide_as_their_widest_cell(capsys: pytest.CaptureFixture[str]) -> None:
    table([("a", "1"), ("long name", "1,000")], ("what", "n"), frozenset({1}))
    assert capsys.readouterr().out.splitlines() == [
        "what           n",
        "a              1",
        "long name  1,000",
    ]


def commands() -> list[tuple[str, click.Command]]:
    context = click.Context(root)
    found: list[tuple[str, click.Command]] = []
    for name in MINE:
        command = root.get_command(context, name)
        assert command is not None
        found.append((name, command))
        if isinstance(command, click.Group):
            found += [(f"{name} {sub}", item) for sub, item in command.commands.items()]
    return found


@pytest.mark.parametrize(
    ("name", "command"), commands(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_command_has_help_for_each_option_and_an_example(name: str, command: click.Command) -> None:
    assert command.epilog is not None
    assert command.epilog.removeprefix("\b\n").startswith("Example: babelwire ")
    assert command.help
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, f"{name} {option.opts}"
