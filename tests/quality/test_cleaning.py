"""Floors under the figures of the clean stage; a change that falls below one of them is a loss.

The line model was fitted on these pages among others, so these floors guard against a change for the worse; what it
does to sites it has not seen is printed by ``python -m tests.quality.cleaning_fit``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import get_args

import pytest

from schemas.article import RemovalReason
from tests.quality import cleaning, cleaning_crawled, cleaning_months, cleaning_short
from tests.quality.cleaning_data import (
    DATA,
    Gold,
    Tally,
    digest,
    leftovers,
    newspages,
    raw_lines,
    residue,
    scrapinghub,
    word_scores,
)

pytestmark = pytest.mark.quality


@pytest.fixture(autouse=True, scope="module")
def _data() -> None:
    if not DATA.is_dir():
        if os.environ.get("CI"):
            pytest.fail(
                f"the development data is required in CI: expected a folder at {DATA}, set BABELWIRE_DATA"
            )
        pytest.skip(f"no development data at {DATA}: set BABELWIRE_DATA")


def test_seeds_every_drop_is_dropped_every_keep_is_kept_and_the_reasons_match() -> None:
    dropped, drops, kept, keeps, wrong = cleaning.seeds()
    assert drops == 19
    assert keeps == 48
    assert (dropped, kept, wrong) == (drops, keeps, [])


def test_pages_are_read_better_than_by_the_library_alone() -> None:
    for pages, floor in ((scrapinghub()[::4], 0.955), (newspages()[::4], 0.957)):
        ours = cleaning.html(pages, cleaning.body)[2]
        assert ours >= floor
        assert ours > cleaning.html(pages, cleaning.library)[2]


@pytest.mark.parametrize("gold", ["all", "corrected"], ids=["newspages", "scrapinghub"])
def test_lines_that_an_extractor_leaves_are_dropped_precisely_and_the_body_stays(gold: str) -> None:
    pages = scrapinghub() if gold == "corrected" else newspages()[::2]
    tally = cleaning.lines(pages, main=True)[gold]
    assert tally.precision >= 0.98
    assert tally.recall >= 0.60
    assert tally.body_lost <= 0.003


def test_boilerplate_in_another_language_is_dropped_precisely() -> None:
    tally = cleaning.boiler(every=3)
    assert tally.precision >= 0.99
    assert tally.recall >= 0.99
    assert tally.body_lost <= 0.005


def test_leftovers_around_short_articles_go_and_the_articles_stay() -> None:
    found = cleaning_short.Found()
    for sample in cleaning_short.samples():
        one = cleaning_short.judged(sample)["all"]
        assert one.dropped >= 0.75 * one.leftovers, (sample.language, one.wrong)
        found.merge(one)
    assert found.leftovers > 5500
    assert found.dropped >= 0.98 * found.leftovers
    assert found.explained >= 0.98 * found.leftovers
    assert found.lost <= 3


def test_what_feeds_put_around_a_story_goes_and_the_story_stays() -> None:
    found = cleaning_short.Found()
    for sample in cleaning_short.samples(cleaning_short.FEEDS):
        one = cleaning_short.judged(sample)["all"]
        assert one.dropped >= 0.66 * one.leftovers, (sample.language, one.wrong)
        found.merge(one)
    assert found.leftovers > 3800
    assert found.dropped >= 0.94 * found.leftovers
    assert found.explained >= 0.94 * found.leftovers
    assert found.lost <= 3


def test_names_of_months_are_those_of_cldr() -> None:
    # In a process of its own: Babel writes what it resolves back into the data that all locales share.
    program = "import json; from tests.quality.cleaning_months import months; print(json.dumps(months()))"
    made = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout
    assert json.loads(made) == json.loads(cleaning_months.FILE.read_text(encoding="utf-8"))


def test_a_corrected_gold_gives_up_the_lines_that_readers_call_leftovers() -> None:
    kept = [
        (page, line)
        for page in scrapinghub()
        for _, _, line in raw_lines(residue(page))
        if digest(page.id, line) in leftovers()
    ]
    assert len(kept) == 120
    assert all(Gold(page.text).own(line) for page, line in kept)
    assert not any(Gold(page.text, page.id).own(line) for page, line in kept)
    assert set(leftovers().values()) <= set(get_args(RemovalReason))


def test_a_tally_tells_right_from_wrong() -> None:
    gold = Gold("The tram line opens in June.\nThe council voted on Friday.")
    assert gold.own("The council voted on Friday.") is True
    assert gold.own("Read our newsletter every morning") is False
    assert gold.own("***") is None
    tally = Tally()
    tally.add("The council voted on Friday.\nRead our newsletter every morning", None, gold)
    assert (tally.dropped, tally.rightly, tally.residue) == (2, 1, 1)
    assert tally.lost == len("Thecouncilvotedon") + len("Friday.")
    assert word_scores("a b", "a c") == (0.5, 0.5, 0.5)


def test_whole_texts_of_a_crawl_lose_what_is_not_the_articles_and_keep_what_is() -> None:
    found = cleaning_short.Found()
    for path in sorted(cleaning_crawled.CRAWLED.rglob("*.txt")):
        found.merge(cleaning_crawled.judged(path)["all"])
    assert found.leftovers > 1050
    assert found.dropped >= 0.97 * found.leftovers, found.wrong
    assert found.explained >= 0.95 * found.leftovers, found.wrong
    assert found.lost <= 2, found.wrong
