"""A page's tree and byline are those that trafilatura would find, only sooner."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from trafilatura import metadata
from trafilatura.utils import load_html

from agents.clean.page.tree import byline, tree_of

PIECES = st.sampled_from(
    (
        "<p>", "</p>", "<div class='byline'>", "<div id='comments'>", "<span class='meta author'>", "</div>",
        "</span>", "<time>", "</time>", "<figure>", "<a rel='author' href='/mara'>", "</a>", "</section>",
        "<section class='sidebar'>", "<author>", "</author>", "<p itemprop='author'>", "<x=y class='q'>", '<foo"bar>',
        "<td data-component='Figure'>", "By Mara Lind", "Ilo Venn ", "  ", "\n", "2 May", "Photo: Lume", "<b>",
        "</b>", "<!-- author -->",
    )
)  # fmt: skip
PAGES = st.lists(PIECES, max_size=25).map(
    lambda pieces: f"<html><body>{''.join(pieces)}<p>End</p></body></html>"
)


@given(PAGES)
@settings(max_examples=400)
def test_tree_and_byline_are_the_librarys(page: str) -> None:
    expected, found = load_html(page), tree_of(page)
    assert expected is not None
    assert found is not None
    assert etree.tostring(found) == etree.tostring(expected)
    assert byline(found) == metadata.extract_author(expected)


@given(st.text(alphabet="<>/!?ap =\"'\n&;x", max_size=40) | st.lists(PIECES, max_size=4).map("".join))
@settings(max_examples=400)
def test_what_is_no_page_has_no_tree(source: str) -> None:
    expected, found = load_html(source), tree_of(source)
    assert (found is None) == (expected is None)
    if found is not None:
        assert etree.tostring(found) == etree.tostring(expected)


@pytest.mark.parametrize(
    ("page", "author"),
    [
        ("<div class='top'><p class='byline'>Mara Lind</p></div>", "Mara Lind"),
        ("<div class='sidebar'><p class='byline'>Mara Lind</p></div>", None),
        ("<p class='byline'>Mara Lind <time>2 May</time></p>", "Mara Lind"),
        ("<p>Mara Lind</p>", None),
    ],
)
def test_a_byline_is_found_where_it_stands_for_the_article(page: str, author: str | None) -> None:
    tree = tree_of(f"<html><body>{page}<p>The ferry sails.</p></body></html>")
    assert tree is not None
    assert byline(tree) == author


def test_controls_and_a_declared_encoding_are_read() -> None:
    tree = tree_of(
        '<?xml version="1.0" encoding="utf-8"?><html><body><p>Lume\x00port</p><p>\ud800</p></body></html>'
    )
    assert tree is not None
    assert [item.text for item in tree.iter("p")] == ["Lume port", " "]
    assert tree_of("") is None
