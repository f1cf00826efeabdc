"""A page's main text, which trafilatura extracts: the same text as by its own function, with less work.

Three things are left out that change nothing: its XPath expressions are asked in Python (`expressions.py`), its rival
algorithm (readability, a tenth of the time) does not run where all that it could find would lose, and the tree is
given away instead of copied.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from lxml.etree import XPath
from lxml.html import HtmlElement
from trafilatura import external, xpaths
from trafilatura.settings import Extractor
from trafilatura.xml import xmltotxt

from agents.clean.page.bounds import TRY_JUSTEXT, justext_of
from agents.clean.page.expressions import Expression, asked_in_python

_external: Any = external
_core: Any = import_module("trafilatura.core")
_baseline: Any = import_module("trafilatura.baseline")  # the package has a function of this name
_LISTS: tuple[tuple[list[Expression], list[XPath], list[Expression]], ...] = tuple(
    (expressions, [*expressions], [asked_in_python(expression) for expression in expressions])
    for expressions in (
        xpaths.RAW_TREE_PRUNE_XPATH,
        xpaths.REMOVE_COMMENTS_AND_LISTS_XPATH,
        xpaths.BODY_XPATH,
        xpaths.OVERALL_DISCARD_XPATH,
        xpaths.TEASER_DISCARD_XPATH,
        xpaths.DISCARD_IMAGE_ELEMENTS,
    )
)
"""The lists that the extraction goes through, what is in them, and what is put there."""
_CLEANING: tuple[XPath, Expression] = (
    _baseline.BASIC_CLEAN_XPATH,
    asked_in_python(_baseline.BASIC_CLEAN_XPATH),
)
_COMPARED = _core.compare_extraction
_OPTIONS = Extractor(output_format="python", comments=False)
_READ_AS_WRITTEN = ("xmp", "noembed", "noframes", "plaintext")
"""Elements whose text readability writes with references, and then does not read as such: it may grow."""
_VIDEO = len(" VIDEO ")
"""What readability writes in the place of an embedded video."""


def main_text(tree: HtmlElement) -> str:
    """Returns the main text of a page; empty where there is none. Of ``tree`` nothing is left that could be used."""
    try:
        with _less_work():
            body, text, _, _ = _core.trafilatura_sequence(tree, _OPTIONS)
    except (TypeError, ValueError):  # as trafilatura itself
        return ""
    if len(text) < _OPTIONS.min_output_size and _OPTIONS.min_output_comm_size > 0:
        return ""
    return str(xmltotxt(body, _OPTIONS.formatting))


@contextmanager
def _less_work() -> Iterator[None]:
    """Lets trafilatura work as this module says.

    The state of another package is touched: whoever calls it meanwhile, from another thread, gets the same results.
    """
    try:
        for expressions, _, asked in _LISTS:
            expressions[:] = asked
        _baseline.BASIC_CLEAN_XPATH = _CLEANING[1]
        _core.compare_extraction = _compared
        _external.try_justext = justext_of
        yield
    finally:
        _core.compare_extraction = _COMPARED
        _external.try_justext = TRY_JUSTEXT
        _baseline.BASIC_CLEAN_XPATH = _CLEANING[0]
        for expressions, own, _ in _LISTS:
            expressions[:] = own


def _compared(
    cleaned: HtmlElement, raw: HtmlElement, body: HtmlElement, text: str, options: Extractor
) -> tuple[HtmlElement, str]:
    """Does what trafilatura's own function does; readability gets nothing to read where it could not win."""
    if options.focus == "balanced" and not _may_win(raw, body, text, options):
        raw = HtmlElement()
    compared: tuple[HtmlElement, str] = _COMPARED(cleaned, raw, body, text, options)
    return compared


def _may_win(raw: HtmlElement, body: HtmlElement, text: str, options: Extractor) -> bool:
    """Whether readability may find so much in ``raw`` that it is preferred to ``text``.

    It rearranges a page and adds no words, so what is left without scripts is the most it can find; and what would
    lose at that length would lose if it were shorter. Scripts and styles are taken out of ``raw``, as it does itself.
    """
    for element in list(raw.iter("script", "style", "fencedframe")):
        element.drop_tree()
    if next(raw.iter(*_READ_AS_WRITTEN), None) is not None:
        return True
    most = len(" ".join(raw.text_content().split())) + _VIDEO * sum(1 for _ in raw.iter("iframe"))
    # of exactly the same length it would be taken for the same text
    most += most == len(text)
    return bool(external._prefer_readability(body, HtmlElement(), "", len(text), most, options))
