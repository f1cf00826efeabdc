"""``babelwire explain``: the story of one article."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from schemas.article import EnrichedArticle, TaggedArticle
from schemas.errors import EXPLANATIONS, BrokerError
from streams.cli.printing import echo_json, look, moment, progress, visible, when
from streams.cli.root import EXIT_NO, settings_options

if TYPE_CHECKING:
    from schemas.article import CleanArticle, Language
    from streams.look.decisions import Decisions
    from streams.look.explain import Step, Story
    from streams.settings import Settings

_SHOWN = 20
_EXCERPT = 70
_MOST_DECISIONS = 100
_MOST_CANDIDATES = 5


@click.command(
    short_help="Tells what happened to one article, and why.",
    epilog="Example: babelwire explain 9f2c1c0a5b7d4e6f8a9b0c1d2e3f4a5b",
)
@click.argument("named", metavar="ID")
@click.option("--since", type=moment, help="Only records since then: a time, or an age like 24h.")
@click.option(
    "--all-partitions", is_flag=True, help="Search every partition: needed after partitions were added."
)
@click.option(
    "--raw",
    is_flag=True,
    help="Write the bytes it came with, untouched, to standard output and nothing else.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@settings_options("bootstrap_servers", "topic_prefix", "knowledge_base")
def explain(
    settings: Settings, named: str, since: int | None, all_partitions: bool, raw: bool, as_json: bool
) -> int:
    """Tells what happened to an article: its outcome at every stage, and why it looks the way it does.

    What was removed and repaired, the evidence for its language, its mentions and entities, and for every name the
    candidates, their scores by part and why one won: the linker is run again for that, and where its version or
    result is not what was published, that is said. Exits 1 when no topic holds anything of it.

    ID is the article's, or the position of a record of it, TOPIC/PARTITION/OFFSET, as `audit` and the log name it.
    """
    from streams.look import explain as module

    with progress("Searching") as tell:
        story = look(
            module.explain(settings, named, since_ms=since, all_partitions=all_partitions, progress=tell)
        )
    if raw and story.steps:
        return _write(story)
    decisions = _decisions(settings, story)
    if as_json:
        echo_json(_as_json(story, decisions))
    elif story.steps:
        _print(story)
        if decisions is not None:
            _print_decisions(decisions)
    if not story.steps:
        click.echo(
            f"Nothing of {visible(named)!r} in {', '.join(story.searched)}"
            f"{'' if since is None else f' since {when(since)}'}. "
            "Is the id or the position right? Was it received longer ago than the topics keep records? "
            f"{'' if all_partitions else 'After partitions were added, try --all-partitions.'}",
            err=True,
        )
        return EXIT_NO
    return 0


def _write(story: Story) -> int:
    if story.received is None:
        click.echo("No topic has the bytes it came with any more.", err=True)
        return EXIT_NO
    sys.stdout.flush()
    sys.stdout.buffer.write(story.received)
    sys.stdout.buffer.flush()
    return 0


def _decisions(settings: Settings, story: Story) -> Decisions | None:
    """Explains the mentions of an article that has come as far as its language."""
    if not isinstance(story.article, TaggedArticle):
        return None
    from streams.knowledge.book import Book
    from streams.look import decisions

    try:
        additions = tuple(look(Book.read(settings)))
    except BrokerError as error:
        click.echo(f"Explained without the operators' additions, which cannot be read: {error}", err=True)
        additions = ()
    return decisions.decide(settings, story.article, additions)


def _print(story: Story) -> None:
    article = story.article
    click.echo(f"article   {visible(story.article_id)}")
    if article is not None:
        for name, text in (("source", article.source), ("url", article.url), ("title", article.title)):
            if text:
                click.echo(f"{name:9} {visible(text, 100)}")
        published = article.published_at.isoformat() if article.published_at else "unknown"
        click.echo(f"published {published} (basis: {article.published_at_basis})")
    click.echo("\nWhat happened")
    for step in story.steps:
        click.echo(f"  {'  ' * step.depth}{_sentence(step)}")
    for position in story.unanswered:
        click.echo(
            f"  no outcome yet for {position} (`babelwire audit` tells whether it is under way or lost)"
        )
    if article is None:
        if story.furthest is not None:
            click.echo("\nThe newest event cannot be read by this version of babelwire; --json shows it.")
        return
    _print_cleaning(article)
    if isinstance(article, TaggedArticle):
        _print_language(article.language, len(article.text))
    if isinstance(article, EnrichedArticle):
        _print_entities(article)


def _sentence(step: Step) -> str:
    where = f"{when(step.at_ms)}  {step.position}"
    if step.what == "received":
        return f"received{f' (a copy of {step.copy_of})' if step.copy_of else ''}  {where}"
    if step.what == "redriven":
        return f"redriven  {where}"
    if step.what == "unreadable":
        return f"unreadable record  {where}: {visible(step.detail)}"
    took = "" if step.latency_ms is None else f" after {step.latency_ms / 1000:.3f} s"
    text = f"{visible(step.stage)}: {step.what}{took}  {where}"
    if step.event_id:
        text += f"  ce_id {visible(step.event_id)}"
    if step.copies:
        text += f"  ({step.copies} redelivered, equal)"
    if step.differing:
        text += f"  ({step.differing} DIFFERING: expected only after a change of version)"
    if step.reason:
        meaning = EXPLANATIONS.get(step.reason, "")
        text += f"\n      {visible(step.reason)}: {meaning} {visible(step.detail, 300)}".rstrip()
    return text


def _print_cleaning(article: CleanArticle) -> None:
    characters = sum(piece.end - piece.start for piece in article.removed)
    click.echo(f"\nRemoved: {len(article.removed)} pieces, {characters:,} characters")
    for piece in article.removed[:_SHOWN]:
        click.echo(
            f"  {visible(piece.reason):20} {piece.start}-{piece.end}  {visible(piece.text.strip(), _EXCERPT)}"
        )
    _more(len(article.removed))
    counts = Counter(
        (visible(repair.reason), visible(repair.text, 20), visible(repair.replacement, 20))
        for repair in article.repairs
    )
    click.echo(f"\nRepaired: {len(article.repairs)} places")
    for (reason, before, after), count in counts.most_common(_SHOWN):
        click.echo(f"  {reason:20} {before!r} -> {after!r}{f'  × {count}' if count > 1 else ''}")
    _more(len(counts))


def _print_language(language: Language, length: int) -> None:
    sure = "reliable" if language.reliable else "not reliable"
    click.echo(f"\nLanguage: {language.tag} ({language.script}), {language.confidence:.2f}, {sure}")
    if language.macro:
        click.echo(f"  within {language.macro}")
    if language.alternatives:
        click.echo(
            "  or " + ", ".join(f"{other.tag} {other.confidence:.2f}" for other in language.alternatives)
        )
    if len(language.segments) > 1:
        for segment in language.segments[:_SHOWN]:
            click.echo(f"  {segment.start}-{segment.end} of {length}: {segment.tag}")
        _more(len(language.segments))


def _print_entities(article: EnrichedArticle) -> None:
    mentions = [*article.title_mentions, *article.mentions]
    unlinked = [mention for mention in mentions if mention.entity_id is None]
    titled = f", {len(article.title_mentions)} in the title" if article.title_mentions else ""
    click.echo(
        f"\nEntities: {len(article.entities)}, mentions: {len(mentions)} ({len(unlinked)} unlinked{titled})"
    )
    for entity in article.entities[:_SHOWN]:
        country = f", {entity.country}" if entity.country else ""
        provisional = ", provisional" if entity.provisional else ""
        click.echo(
            f"  {visible(entity.id):12} {visible(entity.name, 50)} ({entity.type}{country}{provisional}), "
            f"{entity.mentions} ×, salience {entity.salience:.2f}"
        )
        spellings = Counter(
            (visible(mention.text, 40), visible(mention.method), mention.metonym_of == entity.id)
            for mention in mentions
            if entity.id in (mention.entity_id, mention.metonym_of)
        )
        for (text, method, metonym), count in spellings.most_common(_SHOWN):
            click.echo(f"    {text!r} × {count}: {method}{', metonym' if metonym else ''}")
    _more(len(article.entities))
    for mention in unlinked[:_SHOWN]:
        click.echo(
            f"  unlinked     {visible(mention.text, 50)!r} ({mention.type}), {visible(mention.method)}"
        )
    _more(len(unlinked))


def _print_decisions(decisions: Decisions) -> None:
    model = f"model {decisions.model}" if decisions.model else "by rules alone"
    click.echo(f"\nDecisions: stage {decisions.stage}, knowledge base {decisions.knowledge_base}, {model}")
    if decisions.published_stage is None:
        click.echo("  the article has not come through the stage yet: this is what it would decide now")
    elif not decisions.same_versions:
        click.echo(
            f"  published with stage {visible(decisions.published_stage)}, knowledge base "
            f"{visible(str(decisions.published_knowledge_base))}, model {visible(str(decisions.published_model))}: "
            "these reasons are of other versions"
        )
    for line in decisions.differing[:_SHOWN]:
        click.echo(f"  DIFFERS  {visible(line, 200)}")
    _more(len(decisions.differing))
    for one in decisions.explanations[:_MOST_DECISIONS]:
        meant = (
            visible(f"{one.id} {one.name}", 60)
            if one.id
            else "no id"
            if one.method != "none"
            else "no mention"
        )
        click.echo(
            f"  {'title ' * one.in_title}{one.start}-{one.end} {visible(one.text, 40)!r}: {meant}, {one.method}: "
            f"{visible(one.why, 200)}"
        )
        for candidate in one.candidates[:_MOST_CANDIDATES]:
            parts = " ".join(f"{name} {value:+.1f}" for name, value in candidate.parts.items())
            country = f", {candidate.country}" if candidate.country else ""
            click.echo(
                f"      {candidate.score:5.1f}  {visible(candidate.id, 24)} {visible(candidate.name, 40)} "
                f"({candidate.type}{country}; {candidate.alias}, {candidate.spelling}): {candidate.standing}; {parts}"
            )
        if len(one.candidates) > _MOST_CANDIDATES:
            click.echo(f"      … and {len(one.candidates) - _MOST_CANDIDATES} more (--json has all)")
    if len(decisions.explanations) > _MOST_DECISIONS:
        click.echo(f"  … and {len(decisions.explanations) - _MOST_DECISIONS} more (--json has all)")


def _more(count: int) -> None:
    if count > _SHOWN:
        click.echo(f"  … and {count - _SHOWN} more (--json has all)")


def _as_json(story: Story, decisions: Decisions | None) -> dict[str, Any]:
    return {
        "id": story.article_id,
        "trail": [
            {
                **asdict(step),
                "at": when(step.at_ms),
                "position": str(step.position),
                "answers": None if step.answers is None else str(step.answers),
                "copy_of": None if step.copy_of is None else str(step.copy_of),
                "explanation": EXPLANATIONS.get(step.reason),
            }
            for step in story.steps
        ],
        "unanswered": [str(position) for position in story.unanswered],
        "article": story.furthest,
        "decisions": decisions and {**asdict(decisions), "same_versions": decisions.same_versions},
        "searched": story.searched,
    }
