"""Clean: the article's own words, and nothing else.

Takes a page (HTML) or a scraped text and gives its text without cookie banners, credits, notices of syndicators,
teasers of other articles, comment forms, navigation and the like, with damaged characters repaired. Every change is
an edit: what was removed keeps its reason, and every position maps back to the raw content.
"""

from __future__ import annotations

from agents.stage import Process, Resources, Stage
from schemas.article import CleanArticle, RawArticle


def load(resources: Resources) -> Process:
    """Reads the phrase files, the line model, the names of agencies and the names of months."""
    # Its libraries take a second to import, and whoever only asks what stages there are shall not wait for them.
    from agents.clean.process import load as build

    return build(resources)


STAGE = Stage(
    name="clean",
    version="13",
    accepts=RawArticle,
    emits=CleanArticle,
    requires=frozenset(
        (
            "id",
            "revision",
            "url",
            "source",
            "title",
            "content",
            "content_type",
            "published_at",
            "fetched_at",
            "received_at",
            "language_hint",
            "metadata",
        )
    ),
    assigns=frozenset(
        (
            "id",
            "revision",
            "url",
            "source",
            "title",
            "text",
            "published_at",
            "published_at_basis",
            "received_at",
            "fetched_at",
            "authors",
            "credits",
            "dateline",
            "canonical_url",
            "site_name",
            "language_hint",
            "language_declared",
            "metadata",
            "removed",
            "repairs",
            "alignment",
            "fingerprint",
            "provenance",
        )
    ),
    load=load,
)
