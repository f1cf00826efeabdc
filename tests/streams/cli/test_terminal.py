"""What a terminal is shown, and what a pipe is given, of the same topics."""

from __future__ import annotations

import asyncio
import os
import subprocess

import pytest

from streams.broker.embedded import EmbeddedBroker
from tests.command import BABELWIRE, environment
from tests.streams.installation import Installation

pytestmark = pytest.mark.embedded


def shown(installation: Installation, *arguments: str) -> str:
    """Returns what a terminal is shown on standard output."""
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [BABELWIRE, *arguments], env=environment(**installation.settings.environment()),
        stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(theirs)
    text = b""
    try:
        while part := os.read(ours, 65536):
            text += part
    except OSError:  # how Linux says that the other side is closed
        pass
    finally:
        os.close(ours)
    process.wait(60)
    return text.decode()


async def test_an_audit_leaves_out_of_a_terminal_what_is_nought_and_usually_is(
    embedded: EmbeddedBroker, capfd: pytest.CaptureFixture[str]
) -> None:
    target = await Installation.create(embedded.bootstrap_servers)
    await target.raw("a")
    text = await asyncio.to_thread(shown, target, "audit")
    head = next(line for line in text.splitlines() if line.startswith("hop "))
    assert head.split() == [
        "hop",
        "reads",
        "received",
        "published",
        "dropped",
        "rejected",
        "in",
        "flight",
        "missing",
    ]
    assert await target.cli("audit") == 0
    assert "other version  redelivered  earlier topic" in capfd.readouterr().out


async def test_a_cluster_with_more_partitions_than_wanted_is_not_called_equal(
    embedded: EmbeddedBroker, capfd: pytest.CaptureFixture[str]
) -> None:
    target = await Installation.create(embedded.bootstrap_servers)
    for command in ("plan", "apply"):
        assert await target.cli("topics", command) == 0
        assert capfd.readouterr().out == "Nothing to do: every topic is as the table says.\n"
        assert await target.cli("topics", command, "--partitions", "1") == 0
        out, err = capfd.readouterr()
        assert out == "Nothing to do, but see the notes.\n"
        assert "articles.raw.v1 has 2 partitions, 1 were wanted: more is fine, left alone." in err


async def test_a_tail_that_finds_nothing_says_so(
    embedded: EmbeddedBroker, capfd: pytest.CaptureFixture[str]
) -> None:
    target = await Installation.create(embedded.bootstrap_servers)
    assert await target.cli("tail", "--no-follow", "--lang", "xx") == 0
    assert capfd.readouterr().err.endswith("articles.enriched.v1 matches.\n")
