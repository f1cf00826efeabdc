"""Expressions asked in Python find what the library's own evaluation finds."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.etree import XPath
from lxml.html import HtmlElement, fromstring
from trafilatura import xpaths
from trafilatura.settings import BASIC_CLEAN_XPATH

from agents.clean.page.expressions import Asked, UnknownExpression, asked_in_python

USED = [
    *xpaths.RAW_TREE_PRUNE_XPATH,
    *xpaths.REMOVE_COMMENTS_AND_LISTS_XPATH,
    *xpaths.BODY_XPATH[:4],
    *xpaths.OVERALL_DISCARD_XPATH,
    *xpaths.TEASER_DISCARD_XPATH,
    *xpaths.DISCARD_IMAGE_ELEMENTS,
    BASIC_CLEAN_XPATH,
]
"""Expressions that a page is asked, each of them in Python; a new version of the library may change that."""
PATHS = " ".join(expression.path for expression in USED)
# the words that the expressions look for, from their own text, and what may stand around them in an attribute
WORDS = st.sampled_from(sorted({*re.findall(r"[A-Za-z][A-Za-z-]+|display: ?none", PATHS)}))
VALUES = st.lists(WORDS | st.sampled_from(("", " ", "-", "s", "x", "true", "post", "T")), max_size=4).map(
    "".join
)
ATTRIBUTES = st.sampled_from(sorted({*re.findall(r"@([\w-]+)", PATHS), "href"}))
NAMES = st.sampled_from(sorted({*re.findall(r"self::(\w+)|\.//(\w+)", PATHS)} - {("", "")})).map("".join)
ELEMENTS = st.recursive(
    st.tuples(NAMES | st.just("h1"), st.dictionaries(ATTRIBUTES, VALUES, max_size=4), st.just([])),
    lambda inner: st.tuples(
        NAMES, st.dictionaries(ATTRIBUTES, VALUES, max_size=4), st.lists(inner, max_size=4)
    ),
    max_leaves=12,
)

Spec = tuple[str, dict[str, str], list[Any]]
"""An element's name, its attributes, its children."""


def tree(*elements: Spec) -> HtmlElement:
    root = fromstring("<body></body>")

    def add(parent: HtmlElement, name: str, attributes: dict[str, str], children: list[Any]) -> None:
        element = parent.makeelement(name)
        for key, value in attributes.items():  # in this order
            element.set(key, value)
        parent.append(element)
        for child in children:
            add(element, *child)

    for element in elements:
        add(root, *element)
    return root


@given(st.lists(ELEMENTS, max_size=6))
@settings(max_examples=300)
def test_the_same_elements_are_found_in_the_same_order(elements: list[Spec]) -> None:
    page = tree(*elements)
    for expression in USED:
        assert asked_in_python(expression)(page) == expression(page), expression.path


@pytest.mark.parametrize("expression", USED, ids=range(len(USED)))
def test_what_a_page_is_asked_is_asked_in_python(expression: XPath) -> None:
    assert isinstance(asked_in_python(expression), Asked)


@pytest.mark.parametrize(
    "path",
    [
        "//div[@id='a']",  # from the root of the document
        ".//div/p[@id='a']",
        ".//div[.//p]",
        ".//div[position()=2]|.//p[@id='a']",
        ".//div[count(@id)=1]",
        ".//div[contains(@id, @class)]",
        ".//div[translate(@id, 'ab', 'a')='a']",
        "(.//div[@id='a'])[2]",
        "(.//div[@id='a'])[1]|.//p",
        ".//div[@id='a' or rel='me']",
        ".//div[@id|@class='b']",  # either of them
    ],
)
def test_what_asks_for_more_is_left_to_the_library(path: str) -> None:
    expression = XPath(path)
    with pytest.raises(UnknownExpression):
        Asked(expression)
    assert asked_in_python(expression) is expression


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (".//div[@id='a'][.//p]", ["1"]),  # looks further only where there may be any
        (".//div[@id='a'][1]", ["1", "4"]),  # the first of each parent
        ("(.//div[@id='a'])[1]", ["1"]),
        (".//div[starts-with(@class|@id, 'b')]", ["3"]),  # the one that stands first
        (".//*[not(@id) and @class]", ["3"]),
        (".//div[@id='A']", []),
    ],
)
def test_parts_of_expressions(path: str, found: list[str]) -> None:
    page = fromstring(
        "<body><div n='1' id='a'><p></p></div><div n='2' id='a' class='b'></div><div n='3' class='b'></div>"
        "<section><div n='4' id='a'></div></section></body>"
    )
    expression = XPath(path)
    assert [element.get("n") for element in expression(page)] == found
    assert [element.get("n") for element in Asked(expression)(page)] == found
