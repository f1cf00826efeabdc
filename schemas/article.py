"""The article, from raw to enriched, as it travels between stages.

Each type extends the one before it, so a reader of an earlier topic can read a later one. All are frozen and
slotted; sequences are tuples. Positions are Python string indices (Unicode code points): ``start``/``end``
into ``text``, ``raw_start``/``raw_end`` into the raw content as decoded. Times are RFC 3339, UTC.

The annotations are the contract: :mod:`schemas.codec` validates by them and :mod:`schemas.documents` generates
the JSON Schemas from them, descriptions and examples included.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

ContentType = Literal["text/plain", "text/html"]
PublishedBasis = Literal["metadata", "html", "text", "none"]
EntityType = Literal["PER", "ORG", "LOC", "NORP", "MISC"]
RemovalReason = Literal[
    "cookie_banner",
    "photo_credit",
    "syndication_notice",
    "company_boilerplate",
    "related_teaser",
    "comment_form",
    "navigation",
    "share_buttons",
    "subscription",
    "author_bio",
    "copyright",
    "advertisement",
    "repeated_line",
    "empty",
]
RepairReason = Literal[
    "mojibake",
    "unicode_nfc",
    "romanian_cedilla",
    "invisible_character",
    "control_character",
    "whitespace",
    "split_word",
    "glued_sentence",
]

ArticleId = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        pattern=r"^[^\x00-\x20\x7f]+$",
        description="Stable id of the article; key of the record. Derived from the url, else from the content, "
        "when the producer gives none.",
        examples=["9f2c1c0a5b7d4e6f8a9b0c1d2e3f4a5b"],
    ),
]
Revision = Annotated[
    int,
    Meta(ge=1, le=2**31 - 1, description="Revision of the article, counted by its producer from 1.", examples=[1]),
]
Url = Annotated[
    str, Meta(min_length=1, max_length=4096, description="Address the article was read from.", examples=["https://news.example/a/1"])
]
Instant = Annotated[datetime, Meta(tz=True)]
Position = Annotated[int, Meta(ge=0)]
Share = Annotated[float, Meta(ge=0, le=1)]
Tag = Annotated[
    str,
    Meta(
        max_length=35,
        description="Shortest BCP 47 tag; `und` when not reliable, `zxx` when there is no language.",
        examples=["de", "zh-Hant"],
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RawArticle:
    """An article as it came, before any stage."""

    content: Annotated[
        str, Meta(description="The article's text or HTML, as decoded.", examples=["Nordkorea und Russland haben …"])
    ]
    content_type: Annotated[ContentType, Meta(description="What `content` is.")] = "text/plain"
    id: ArticleId | None = None
    revision: Revision = 1
    url: Url | None = None
    source: Annotated[
        str, Meta(min_length=1, max_length=253, description="Where it came from: a host or a feed's name.", examples=["news.example"])
    ] | None = None
    title: Annotated[str, Meta(max_length=2000, description="Headline, when known.")] | None = None
    published_at: Annotated[
        Instant, Meta(description="When the source says it was published; RFC 3339 with an offset.", examples=["2026-11-21T19:00:00Z"])
    ] | None = None
    fetched_at: Annotated[Instant, Meta(description="When the producer fetched it.")] | None = None
    received_at: Annotated[
        Instant, Meta(description="When babelwire received it; set by babelwire from the record's timestamp.")
    ] | None = None
    language_hint: Annotated[
        str, Meta(max_length=35, description="Language the feed declares (BCP 47): evidence, never trusted blindly.", examples=["de"])
    ] | None = None
    metadata: Annotated[
        dict[Annotated[str, Meta(max_length=100)], Annotated[str, Meta(max_length=4096)]],
        Meta(max_length=64, description="Anything else the producer wants to carry along; passed through untouched."),
    ] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """A piece of the raw content that cleaning took out, and why."""

    start: Annotated[Position, Meta(description="First code point of the piece in the raw content.")]
    end: Annotated[Position, Meta(description="One past its last code point in the raw content.")]
    reason: Annotated[RemovalReason, Meta(description="Why it was removed.")]
    text: Annotated[str, Meta(description="The removed piece, as it stood.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """A small change of characters that keeps the meaning."""

    start: Annotated[Position, Meta(description="First code point of the repaired piece in the raw content.")]
    end: Annotated[Position, Meta(description="One past its last code point in the raw content.")]
    reason: Annotated[RepairReason, Meta(description="What kind of damage was repaired.")]
    text: Annotated[str, Meta(description="The piece as it stood.", examples=["şi"])]
    replacement: Annotated[str, Meta(description="What stands there now.", examples=["și"])]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A stretch of ``text`` that is copied unchanged from the raw content."""

    clean: Annotated[Position, Meta(description="First code point of the run in `text`.")]
    raw: Annotated[Position, Meta(description="First code point of the run in the raw content.")]
    length: Annotated[int, Meta(ge=1, description="Length of the run in code points.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What makes two copies of one article recognisable."""

    sha256: Annotated[
        str, Meta(description="SHA-256 (hex) of the case-folded, whitespace-collapsed text: equal for equal articles.")
    ]
    near: Annotated[
        str,
        Meta(
            description="Eight smallest 64-bit xxh3 hashes of the word 3-shingles, 16 hex digits each, ascending, "
            "joined by `.`; articles that share most of them are near duplicates."
        ),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What produced this event: with the raw article it determines every byte of it."""

    pipeline: Annotated[str, Meta(description="Program and version.", examples=["babelwire/0.1.0"])]
    input: Annotated[str, Meta(description="SHA-256 (32 hex digits) of the raw article's own fields.")]
    stages: Annotated[
        dict[str, str], Meta(description="Version of each stage passed, in order.", examples=[{"clean": "1", "language": "1"}])
    ]
    kb: Annotated[str, Meta(description="Version of the knowledge base used.")] | None = None
    model: Annotated[str, Meta(description="Version of the recognition model used.")] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanArticle:
    """An article whose text is the article's own words and nothing else."""

    id: ArticleId
    revision: Revision
    url: Url | None
    source: Annotated[str, Meta(description="Where it came from: a host or a feed's name.")] | None
    title: Annotated[str, Meta(description="Headline: given by the producer, else read from the page.")] | None
    text: Annotated[str, Meta(description="The cleaned text; paragraphs are separated by a newline.")]
    published_at: Annotated[Instant, Meta(description="When it was published; null when nobody said so.")] | None
    published_at_basis: Annotated[PublishedBasis, Meta(description="Where `published_at` came from.")]
    received_at: Annotated[Instant, Meta(description="When babelwire received the raw article.")]
    fetched_at: Annotated[Instant, Meta(description="When the producer fetched it.")] | None = None
    authors: Annotated[tuple[str, ...], Meta(description="Authors named by the page or the text.")] = ()
    credits: Annotated[
        tuple[str, ...], Meta(description="News agencies credited.", examples=[["Reuters", "AFP"]])
    ] = ()
    dateline: Annotated[str, Meta(description="Place (and date) that opens the text.", examples=["PYONGYANG"])] | None = None
    canonical_url: Annotated[str, Meta(description="Canonical address the page declares.")] | None = None
    site_name: Annotated[str, Meta(description="Name of the site as the page declares it.")] | None = None
    language_hint: Annotated[str, Meta(description="Language the feed declared.")] | None = None
    language_declared: Annotated[str, Meta(description="Language the page itself declares.")] | None = None
    metadata: Annotated[dict[str, str], Meta(description="The producer's own fields, untouched.")] = field(default_factory=dict)
    removed: Annotated[tuple[Removed, ...], Meta(description="What cleaning took out, in raw order.")] = ()
    repairs: Annotated[tuple[Repair, ...], Meta(description="What cleaning repaired, in raw order.")] = ()
    alignment: Annotated[
        tuple[Run, ...],
        Meta(description="Runs of `text` copied unchanged from the raw content, in order of `clean`: the offset map."),
    ] = ()
    fingerprint: Annotated[Fingerprint, Meta(description="For recognising copies.")]
    provenance: Annotated[Provenance, Meta(description="What produced this event.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """Another language the text might be in."""

    tag: Tag
    confidence: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageSegment:
    """A stretch of ``text`` in one language."""

    start: Position
    end: Position
    tag: Tag


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """The language of an article, with the evidence."""

    tag: Tag
    script: Annotated[str, Meta(description="Main script, ISO 15924; `Zyyy` when there are no letters.", examples=["Latn"])]
    confidence: Annotated[Share, Meta(description="Calibrated probability that `tag` is right.")]
    reliable: Annotated[bool, Meta(description="Whether `tag` may be acted upon without a second look.")]
    macro: Annotated[
        str, Meta(description="Macrolanguage, where its members are hard to tell apart.", examples=["hbs"])
    ] | None = None
    alternatives: Annotated[tuple[Alternative, ...], Meta(description="Runners-up, best first.")] = ()
    segments: Annotated[
        tuple[LanguageSegment, ...], Meta(description="Languages by position in `text`; one segment unless mixed.")
    ] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggedArticle(CleanArticle):
    """A clean article with its language."""

    language: Annotated[Language, Meta(description="The language of `text`.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A place in the text that names an entity. ``text == article.text[start:end]``, always."""

    start: Position
    end: Position
    raw_start: Position
    raw_end: Position
    text: Annotated[str, Meta(description="The name as it stands in the text.", examples=["Sergej Lawrow"])]
    type: Annotated[EntityType, Meta(description="PER, ORG, LOC, NORP (nationality adjective or demonym) or MISC.")]
    confidence: Share
    entity_id: Annotated[
        str, Meta(description="The entity it names; null when it could not be decided.", examples=["Q58217"])
    ] | None
    method: Annotated[str, Meta(description="How it was linked.", examples=["exact", "inflected", "skeleton", "coreference"])]
    metonym_of: Annotated[
        str, Meta(description="Entity meant by metonymy (a capital for its government).", examples=["Q159"])
    ] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One entity of the article, under one id for all spellings in all languages."""

    id: Annotated[str, Meta(description="Wikidata id, else another stable scheme, else provisional (`nil:`).", examples=["Q58217"])]
    name: Annotated[str, Meta(description="Canonical name, English where known.", examples=["Sergey Lavrov"])]
    type: EntityType
    mentions: Annotated[int, Meta(ge=1, description="How often it is named.")]
    first: Annotated[Position, Meta(description="Position of its first mention in `text`.")]
    salience: Annotated[Share, Meta(description="Its weight in the article: 1 is all of it.")]
    wikidata: Annotated[str, Meta(description="Wikidata id, when verified.", examples=["Q58217"])] | None = None
    country: Annotated[str, Meta(description="Country, ISO 3166-1 alpha-2.", examples=["RU"])] | None = None
    provisional: Annotated[bool, Meta(description="True while the id is one that may be redirected later.")] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrichedArticle(TaggedArticle):
    """A tagged article with the entities it names: what consumers read."""

    mentions: Annotated[tuple[Mention, ...], Meta(description="Every mention, in order of position.")] = ()
    entities: Annotated[tuple[Entity, ...], Meta(description="Every entity, most salient first.")] = ()
