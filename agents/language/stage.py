"""Tags an article with its language.

Three detectors read a sample of the title and the text; a fitted model weighs what they say, together with the
script, the length and the language that the feed and the page declare, into one BCP 47 tag with a calibrated
confidence. ``und`` is a language we cannot tell or do not know, ``zxx`` a text without language. A mixed text
gets its languages by position.
"""

from __future__ import annotations

from agents.stage import Process, Resources, Stage
from schemas.article import CleanArticle, TaggedArticle


def load(resources: Resources) -> Process:
    """Loads the detectors: about 0.5 s of processor time and 120 MB."""
    # Its libraries take a second to import, and whoever only asks what stages there are shall not wait for them.
    from agents.language.process import load as build

    return build(resources)


STAGE = Stage(
    name="language",
    version="7",
    accepts=CleanArticle,
    emits=TaggedArticle,
    requires=frozenset({"text", "title", "language_hint", "language_declared"}),
    assigns=frozenset({"language"}),
    load=load,
)
