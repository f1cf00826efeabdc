"""``babelwire audit``: is every article accounted for?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from streams.cli.printing import echo_json, look, moment, progress, table, verdict, visible, when
from streams.cli.root import EXIT_NO, settings_options

if TYPE_CHECKING:
    from streams.look.audit import Report, StageCount
    from streams.settings import Settings

_NUMBERS = (
    "received", "published", "dropped", "rejected", "in_flight", "stranded", "expired", "missing",
    "replayed", "conflicting", "other_version", "redelivered", "earlier_topic",
)  # fmt: skip
_USUAL = frozenset({"received", "published", "dropped", "rejected", "in_flight", "missing"})


@click.command(
    short_help="Counts what became of every article: is one lost?",
    epilog="Example: babelwire audit --wait 30 --since 24h",
)
@click.option("--since", type=moment, help="Only articles received since then: a time, or an age like 2h.")
@click.option(
    "--wait",
    type=click.FloatRange(min=0),
    default=None,
    metavar="SECONDS",
    help="First wait until nothing is in flight.",
)
@click.option(
    "--examples",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    help="How many positions to name.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@settings_options("bootstrap_servers", "topic_prefix", "topology")
def audit(settings: Settings, since: int | None, wait: float | None, examples: int, as_json: bool) -> int:
    """Counts, from the topics themselves, what became of every article.

    Each received article must be published, dropped or rejected, and only one of these. Exits 1 when one is
    missing (committed without an outcome), conflicting (two kinds of outcome, or copies that differ) or
    stranded (on a topic that no worker of this topology reads), and when something is still in flight after
    --wait.

    Equal copies are what at-least-once delivery means; they are counted as redelivered and are no breach. Nor are
    the two counts that tell of a lost topic: replayed (the outcome is gone, a replay's copy has one) and earlier
    topic (outcomes of what lay at these positions before the topic was made anew).
    """
    from streams.look import audit as module

    async def run(tell: Any) -> tuple[Report, bool]:
        idle = True if wait is None else await module.wait_until_idle(settings, wait)
        report = await module.audit(settings, since_ms=since, examples=examples, progress=tell)
        return report, idle

    with progress("Reading the topics") as tell:
        report, idle = look(run(tell))
    waited_in_vain = wait is not None and not idle and report.in_flight > 0
    ok = not report.breaches and not waited_in_vain
    with verdict():
        if as_json:
            echo_json(_as_json(report, ok))
        else:
            _print(report)
            if waited_in_vain:
                click.echo(
                    f"BREACH: {report.in_flight} still in flight after {wait:g} s. Do the workers run?"
                )
            click.echo("Every article is accounted for." if ok else "The books do not balance.")
    return 0 if ok else EXIT_NO


def _print(report: Report) -> None:
    since = "" if report.since_ms is None else f" since {when(report.since_ms)}"
    click.echo(f"Group {report.group}{since}")
    # A terminal is narrower than all thirteen counts: there, what is nought everywhere and usually is, is left out.
    shown = [
        name
        for name in _NUMBERS
        if name in _USUAL or not sys.stdout.isatty() or any(getattr(hop, name) for hop in report.hops)
    ]
    head = ("hop", "reads", *(name.replace("_", " ") for name in shown))
    rows = [
        (hop.hop or "(none)", hop.topic, *(f"{getattr(hop, name):,}" for name in shown))
        for hop in report.hops
    ]
    table(rows, head, frozenset(range(2, len(head))))
    click.echo()
    stage_rows = [
        (
            visible(stage.stage),
            f"{stage.received:,}",
            f"{stage.published:,}",
            _reasons(stage),
            f"{stage.unanswered:,}",
        )
        for stage in report.stages
    ]
    table(stage_rows, ("stage", "received", "published", "ended here", "unanswered"), frozenset({1, 2, 4}))
    if report.refused_at_ingest:
        refused = ", ".join(
            f"{visible(reason)} {count:,}" for reason, count in report.refused_at_ingest.most_common()
        )
        click.echo(f"refused by sources, never on the raw topic: {refused}")
    for word, total, positions in (
        ("missing", sum(hop.missing for hop in report.hops), report.missing),
        ("conflicting", sum(hop.conflicting for hop in report.hops), report.conflicting),
    ):
        if total:
            named = ", ".join(map(str, positions)) + (" …" if total > len(positions) else "")
            click.echo(f"BREACH: {total:,} {word}: {named}")
    for hop in report.hops:
        if hop.earlier_topic:
            click.echo(
                f"{hop.earlier_topic:,} outcomes name positions of {hop.topic} as it was before it was made anew."
            )
        if hop.stranded:
            click.echo(
                f"BREACH: {hop.stranded:,} on {hop.topic} have no outcome and no hop of this topology reads "
                "it. Run a worker with the topology that did until it is empty."
            )


def _reasons(stage: StageCount) -> str:
    parts = [f"dropped {visible(reason)} {count:,}" for reason, count in stage.dropped.most_common()]
    parts += [f"rejected {visible(reason)} {count:,}" for reason, count in stage.rejected.most_common()]
    return ", ".join(parts) or "-"


def _as_json(report: Report, ok: bool) -> dict[str, Any]:
    return {
        "ok": ok,
        "group": report.group,
        "since": None if report.since_ms is None else when(report.since_ms),
        "hops": [
            {"hop": hop.hop or None, "topic": hop.topic, **{name: getattr(hop, name) for name in _NUMBERS}}
            for hop in report.hops
        ],
        "stages": [
            {
                "stage": stage.stage,
                "received": stage.received,
                "published": stage.published,
                "dropped": dict(stage.dropped),
                "rejected": dict(stage.rejected),
                "unanswered": stage.unanswered,
            }
            for stage in report.stages
        ],
        "refused_at_ingest": dict(report.refused_at_ingest),
        "missing": [str(position) for position in report.missing],
        "conflicting": [str(position) for position in report.conflicting],
    }
