"""The main text of a page is the one that trafilatura's own function returns."""

from __future__ import annotations

from copy import copy

import pytest
import trafilatura
from hypothesis import given, settings
from hypothesis import strategies as st
from trafilatura import core, xpaths
from trafilatura.settings import Document

from agents.clean.page.extraction import main_text
from agents.clean.page.tree import tree_of

STORY = (
    "<p>The port of Lume will have a second ferry in spring, its authority said on Tuesday, and a third, if all "
    "goes well, in the autumn after it.</p>"
)
MORE = "<p>The vessel, built in Tarn, carries four hundred passengers, sixty cars, and two lorries.</p>"
PIECES = st.sampled_from(
    (
        STORY, MORE, "<article>", "</article>", "<div class='post-content'>", "<div class='comments-area'>",
        "<div id='story-body'>", "<div class='sidebar'>", "</div>", "<section class='footer'>", "</section>",
        "<aside>", "</aside>", "<ul><li><a href='/a'>Ferries</a></li></ul>", "<xmp>a < b &amp; c</xmp>",
        "<table><tr><td>Lume</td><td>3</td></tr></table>", "<iframe src='https://www.youtube.com/x'></iframe>",
        "<script>var a = '<p>';</script>", "<h1>A second ferry</h1>", "<h2>Related</h2>", "<form>", "</form>",
        "<textarea/>", "<title/>", "<br>", "<hr>", "<div aria-hidden='true'>hidden</div>",
        "<div class='infinite-scroll'>", "Loose words, many of them, without a tag", "<svg><title/></svg>",
        "<p class='teaser'>Read on</p>", "<blockquote>Ferries, said Ilo Venn, are slow</blockquote>",
    )
)  # fmt: skip
PAGES = st.lists(PIECES, max_size=25).map(
    lambda pieces: f"<html><head><title>Lume</title></head><body>{''.join(pieces)}</body></html>"
)


def expected(page: str) -> str:
    document = trafilatura.bare_extraction(copy(tree_of(page)), include_comments=False)
    return (document.text or "") if isinstance(document, Document) else ""


@given(PAGES)
@settings(max_examples=250, deadline=None)
def test_it_is_the_librarys(page: str) -> None:
    assert main_text(tree_of(page)) == expected(page)


@pytest.mark.parametrize(
    "body",
    [
        # the article is all there is: readability is not asked
        f"<article>{STORY * 4}{MORE * 3}</article>",
        # more around it than in it: it is
        f"<article>{STORY}{MORE}</article><div class='entry'>{(STORY + MORE) * 12}</div>",
        # nothing but a table
        f"<div><table><tr><td>{STORY * 6}</td></tr></table></div>",
        "",
    ],
)
def test_whichever_algorithm_wins(body: str) -> None:
    page = f"<html><body>{body}</body></html>"
    assert main_text(tree_of(page)) == expected(page)


def test_the_library_is_left_as_it_was() -> None:
    lists = (xpaths.BODY_XPATH, xpaths.OVERALL_DISCARD_XPATH, xpaths.RAW_TREE_PRUNE_XPATH)
    before = [[*expressions] for expressions in lists], core.compare_extraction
    main_text(tree_of(f"<html><body><article>{STORY}{MORE}</article></body></html>"))
    assert ([[*expressions] for expressions in lists], core.compare_extraction) == before
