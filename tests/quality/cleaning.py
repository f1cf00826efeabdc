"""Prints the figures of the clean stage: ``python -m tests.quality.cleaning [PART ...] [--every N] [--show N]``.

Parts: seeds, html, about, residue, boiler, repeated, speed; all of them when none is named.
``--show`` prints what went wrong.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from statistics import mean

import trafilatura

from agents.clean.counts import Counts
from agents.clean.process import clean
from agents.clean.repeated import Repeated, decided
from agents.clean.residue.phrasebook import all_phrases
from agents.stage import Emit
from schemas.article import RawArticle
from tests.quality.cleaning_data import (
    DATA,
    RECEIVED,
    Gold,
    Page,
    Tally,
    cleaned,
    newspages,
    raw_lines,
    removed_share,
    residue,
    rows,
    scrapinghub,
    word_scores,
)

REASONS = {
    "syndication_prefix": {"syndication_notice"},
    "syndication_disclaimer": {"syndication_notice"},
    "syndication_categories": {"syndication_notice", "navigation"},
    "syndicator_company_boilerplate": {"company_boilerplate"},
    "cookie_banner": {"cookie_banner"},
    "photo_credit": {"photo_credit"},
    "related_teaser": {"related_teaser"},
    "agency_credit": {"syndication_notice"},
    "author_bio": {"author_bio"},
    "comment_form": {"comment_form"},
}
"""Which of our reasons answer to the gold's."""


_NTREX = {"de": "deu", "es": "spa", "fr": "fra", "it": "ita", "ja": "jpn", "sv": "swe", "tr": "tur"}
"""What NTREX calls the languages that most pages are in."""


def seeds() -> tuple[int, int, int, int, list[str]]:
    """Returns gold drops dropped, gold drops, gold keeps kept, gold keeps, and what went wrong."""
    gold = json.loads((DATA / "seeds" / "gold_cleaning.json").read_text(encoding="utf-8"))
    dropped = drops = kept = keeps = 0
    wrong: list[str] = []
    for seed in gold["seeds"]:
        content = (DATA / "seeds" / seed["file"]).read_text(encoding="utf-8")
        article = cleaned(content)
        for line in seed["lines"]:
            for sentence in line["sentences"]:
                share = removed_share(article, sentence["start"], sentence["end"], content)
                if sentence["label"] == "drop":
                    drops += 1
                    dropped += share > 0.99
                    reasons = {
                        item.reason
                        for item in (article.removed if article else ())
                        if item.start < sentence["end"] and item.end > sentence["start"]
                    }
                    expected = REASONS[sentence["reason"]]
                    if share <= 0.99:
                        wrong.append(f"{seed['id']} left ({sentence['reason']}): {sentence['text']}")
                    elif not reasons <= expected:
                        wrong.append(
                            f"{seed['id']} reason {sorted(reasons)} for {sentence['reason']}: {sentence['text']}"
                        )
                else:
                    keeps += 1
                    kept += share == 0
                    if share:
                        wrong.append(f"{seed['id']} lost: {sentence['text']}")
        for repair in seed["repairs"]:
            start, end = repair["start"], repair["end"]
            assert article is not None
            if removed_share(article, start, end, content) > 0:
                continue
            mended = any(item.start < max(end, start + 1) and item.end >= start for item in article.repairs)
            if repair["must"] and not mended:
                wrong.append(
                    f"{seed['id']} not repaired ({repair['kind']}): {repair['old']} -> {repair['new']}"
                )
    return dropped, drops, kept, keeps, wrong


def body(page: Page) -> str:
    """Returns the stage's text of a page."""
    article = cleaned(page.html, content_type="text/html", url=page.url or None)
    return article.text if article else ""


def library(page: Page) -> str:
    """Returns trafilatura's text of a page."""
    return trafilatura.extract(page.html, include_comments=False) or ""


def html(
    pages: Sequence[Page], extract: Callable[[Page], str]
) -> tuple[float, float, float, float, list[tuple[float, str]]]:
    """Returns mean precision, recall and F1, pages a second of CPU, and the pages in order of F1."""
    scores, worst = [], []
    spent = 0.0
    for page in pages:
        start = time.process_time()
        text = extract(page)
        spent += time.process_time() - start
        scores.append(word_scores(text, page.text))
        worst.append((scores[-1][2], f"{page.id} {page.url} P {scores[-1][0]:.2f} R {scores[-1][1]:.2f}"))
    precision, recall, f1 = (mean(column) for column in zip(*scores, strict=True))
    return precision, recall, f1, len(pages) / spent, sorted(worst)


def about(pages: Sequence[Page]) -> dict[str, float]:
    """Returns the share of pages whose title, day of publication and set of authors are right, and of dates found."""
    right: dict[str, list[bool]] = defaultdict(list)
    for page in pages:
        article = cleaned(page.html, content_type="text/html", url=page.url or None)
        if page.title:
            titles = [
                " ".join(title.split()).casefold()
                for title in (article.title or "" if article else "", page.title)
            ]
            right["title exact"].append(titles[0] == titles[1])
            right["title part"].append(bool(titles[0]) and (titles[0] in titles[1] or titles[1] in titles[0]))
        if page.published:
            found = article.published_at if article else None
            right["date found"].append(found is not None)
            right["date same day"].append(found is not None and found.date() == page.published.date())
        if page.authors:
            names = {name.casefold() for name in article.authors} if article else set()
            right["authors exact"].append(names == {name.casefold() for name in page.authors})
    return {name: mean(values) for name, values in right.items()}


def lines(pages: Sequence[Page], *, main: bool) -> dict[str, Tally]:
    """Returns, for each language and for ``all``, what became of the lines a fast extractor leaves.

    Of ``corrected``, all with lines of ``cleaning_leftovers.tsv`` as residue, though the gold keeps them.
    """
    tallies: dict[str, Tally] = defaultdict(Tally)
    for page in pages:
        content = residue(page, main=main)
        article = cleaned(content)
        gold = Gold(page.text)
        for name in ("all", page.language):
            tallies[name].add(content, article, gold)
        tallies["corrected"].add(content, article, Gold(page.text, page.id))
    return tallies


def boiler(every: int = 1) -> Tally:
    """Returns what became of the lines of the boilerplate construction."""
    tally = Tally()
    for row in list(rows("lid/boiler-dev.jsonl.gz"))[::every]:
        content = "\n".join(line for line, _ in row["lines"])
        tally.add_labelled(
            content, cleaned(content), [language == row["gold"] for _, language in row["lines"]]
        )
    return tally


def repeated(pages: Sequence[Page], *, learn: int = 24, measure: int = 4) -> tuple[Tally, Tally]:
    """Returns what became of lines without a memory, and with one learnt from other articles of the same source.

    A source is made of each page: articles in its language, with the last lines above and the first lines below the
    story of that page around each of them.
    """
    articles: dict[str, list[str]] = defaultdict(list)
    for row in rows("news/ntrex-dev.jsonl.gz"):
        articles[row["lang"]].append(row["text"])
    without, having = Tally(), Tally()
    for number, page in enumerate(pages):
        gold = Gold(page.text)
        found = [(line, gold.own(line)) for _, _, line in raw_lines(residue(page))]
        own = [index for index, (_, mine) in enumerate(found) if mine]
        texts = articles[_NTREX.get(page.language, "eng")]
        if not own:
            continue
        head = [line for line, _ in found[: own[0]][-4:]]
        tail = [line for line, _ in found[own[-1] + 1 :][:8]]
        chosen = [texts[(number + step) % len(texts)] for step in range(learn + measure)]
        counts = Counts()
        for text in chosen[:learn]:
            article = cleaned("\n".join([*head, text, *tail]), source=page.host)
            assert article is not None
            counts.add(article)
        memory = decided(counts)
        for text in chosen[learn:]:
            for tally, known in ((without, {}), (having, memory)):
                _tally_around(tally, head, text, tail, known, page.host)
    return without, having


def _tally_around(
    tally: Tally, head: list[str], text: str, tail: list[str], known: Mapping[str, Repeated], source: str
) -> None:
    content = "\n".join([*head, text, *tail])
    outcome = clean(
        RawArticle(id="a", content=content, source=source, received_at=RECEIVED), all_phrases(), known
    )
    article = outcome.article if isinstance(outcome, Emit) else None
    own = sum(1 for _ in raw_lines(text))
    tally.add_labelled(content, article, [*[False] * len(head), *[True] * own, *[False] * len(tail)])


def speed(count: int = 300) -> float:
    """Returns milliseconds of CPU for a plain article of 3,000 characters."""
    texts = [row["text"][:3000] for row in rows("news/ntrex-dev.jsonl.gz") if len(row["text"]) > 2500]
    texts = texts[:: max(1, len(texts) // count)][:count]
    for text in texts[:10]:
        cleaned(text)
    start = time.process_time()
    for text in texts:
        cleaned(text)
    return 1000 * (time.process_time() - start) / len(texts)


def _row(name: str, tally: Tally) -> str:
    return (
        f"{name:28} {tally.dropped:6} dropped of {tally.residue:6} P {tally.precision:.4f} R {tally.recall:.3f} "
        f"body lost {100 * tally.body_lost:.2f} %"
    )


def main() -> None:
    """Runs the parts asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", help="seeds, html, about, residue, boiler, repeated, speed")
    parser.add_argument("--every", type=int, default=1, help="take one page in this many")
    parser.add_argument("--show", type=int, default=0, help="print so many of what went wrong")
    asked = parser.parse_args()
    parts = asked.parts or ["seeds", "html", "about", "residue", "boiler", "repeated", "speed"]
    if "seeds" in parts:
        dropped, drops, kept, keeps, wrong = seeds()
        print(f"seeds: {dropped} of {drops} drops dropped, {kept} of {keeps} keeps kept")
        for line in wrong:
            print("  ", line)
    sets = {"scrapinghub": scrapinghub()[:: asked.every], "newspages": newspages()[:: asked.every]}
    if "html" in parts:
        for name, pages in sets.items():
            for what, extract in (("babelwire", body), ("trafilatura", library)):
                precision, recall, f1, rate, worst = html(pages, extract)
                print(
                    f"html {name:12} {what:12} P {precision:.4f} R {recall:.4f} F1 {f1:.4f}  {rate:.1f} pages/s",
                    flush=True,
                )
                for _, line in worst[: asked.show] if what == "babelwire" else ():
                    print("  ", line)
    if "about" in parts:
        print(
            "about newspages ",
            ", ".join(f"{what} {share:.3f}" for what, share in about(sets["newspages"]).items()),
        )
    if "residue" in parts:
        for name, pages in sets.items():
            for main_content in (True, False):
                what = "main content" if main_content else "whole page"
                for language, tally in sorted(lines(pages, main=main_content).items()):
                    print(_row(f"{name} {what} {language}", tally), flush=True)
                    if language == "all":
                        for line in tally.mistakes[: asked.show]:
                            print("   LOST", line[:160])
                        for line in tally.misses[: asked.show]:
                            print("   LEFT", line[:160])
    if "boiler" in parts:
        tally = boiler(asked.every)
        print(_row("boilerplate construction", tally))
        for line in (*tally.mistakes, *tally.misses)[: asked.show]:
            print("  ", line[:160])
    if "repeated" in parts:
        for name, tally in zip(("without", "with"), repeated(sets["newspages"]), strict=True):
            print(_row(f"repeated lines, {name}", tally))
            for line in tally.mistakes[: asked.show]:
                print("   LOST", line[:160])
    if "speed" in parts:
        print(f"plain text: {speed():.2f} ms of CPU per article of 3,000 characters")


if __name__ == "__main__":
    main()
