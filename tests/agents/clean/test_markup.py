"""A page as the stream of text that it shows."""

from __future__ import annotations

import pytest

from agents.clean.page.markup import shown_text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("5 < 7 and 7 <b>is</b> < 9", "5 < 7 and 7 is < 9"),
        ("1 << 2 <", "1 << 2 <"),
        ("before <!-- <p>not shown</p> --> after", "before  after"),
        ("a &lt; b<i>&amp;</i> &c", "a < b& &c"),
        ("<p title='a > b'>shown</p>", "\nshown\n"),
        ('<p title="never closed>lost</p> kept < <b>told</b>', "lost\n kept < told"),
        ("one<script src=x />two", "one\ntwo"),
        ("one<SCRIPT>var a = '<p>';</SCRIPT>two<br>three", "one\n\ntwo\nthree"),
        ("text <", "text <"),
    ],
)
def test_what_is_shown_is_copied_from_its_place(source: str, text: str) -> None:
    shown = shown_text(source)
    assert shown.text == text
    for clean, raw, length in shown.pieces:
        assert shown.text[clean : clean + length] == source[raw : raw + length]


def test_a_description_is_shown_only_where_it_is_asked_for() -> None:
    source = '<p>ld+json</p><script>hidden</script><script type="application/ld+json">{"a": 1}</script>end'
    assert "hidden" not in shown_text(source).text
    assert '{"a": 1}' in shown_text(source).text
    assert '{"a": 1}' not in shown_text(source, scripts=False).text


def test_the_shape_counts_tags_links_and_the_deepest_nesting() -> None:
    shape = shown_text("<div><p><a href=x>one</a><br><img/></p></div><div><a>two</a></div>").shape
    assert (shape.tags, shape.links, shape.depth) == (12, 2, 3)
