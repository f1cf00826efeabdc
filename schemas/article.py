"""The article, from raw to enriched, as it travels between stages.

Each type extends the one before it, so a reader of an earlier topic can read a later one. All are frozen and
slotted; sequences are tuples. Positions are Python string indices (Unicode code points): ``start``/``end``
into ``text``, ``raw_start``/``raw_end`` into the raw content as decoded. Times are RFC 3339, UTC.

The annotations are the contract: :mod:`schemas.codec` validates by them, and :mod:`schemas.documents` makes
the JSON Schemas of them, descriptions, units and examples included.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal, get_args

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

_EXAMPLE_ID = "38360bb93c69e5131b70b98303c0624f"
_EXAMPLE_URL = "https://news.example/lume/lavrov"
_EXAMPLE_TEXT = "Serghei Lavrov a plecat sâmbătă acasă și nu a răspuns la întrebări."
_EXAMPLE_BANNER = "Acest site folosește cookie-uri. Accept"


def _says(description: str, *examples: object) -> Meta:
    """Says what a field means, with examples; those of all fields make one article."""
    return Meta(description=description, examples=list(examples) or None)


def _unit(name: str) -> Meta:
    """Says what a number counts or measures."""
    return Meta(extra_json_schema={"x-unit": name})


def _open(values: object) -> Meta:
    """Declares an open list: later versions may add values, so a reader takes an unknown one as it is."""
    return Meta(extra_json_schema={"x-extensible-enum": sorted(get_args(values))})


ArticleId = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        pattern=r"^[^\x00-\x20\x7f]+\Z",
        description="Stable id of the article; key of the record. "
        "Derived from the url, else from the content, when the producer gives none.",
        examples=[_EXAMPLE_ID],
    ),
]
Revision = Annotated[
    int,
    Meta(
        ge=1,
        le=2**31 - 1,
        description="Revision of the article, counted by its producer from 1.",
        examples=[1],
    ),
    _unit("revisions"),
]
Url = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=4096,
        description="Address the article was read from.",
        examples=[_EXAMPLE_URL],
    ),
]
Instant = Annotated[datetime, Meta(tz=True)]
Position = Annotated[int, Meta(ge=0), _unit("code points")]
Length = Annotated[int, Meta(ge=1), _unit("code points")]
Share = Annotated[float, Meta(ge=0, le=1), _unit("share of 1")]
Tag = Annotated[
    str,
    Meta(
        max_length=35,
        description="Shortest BCP 47 tag of the likeliest language, a guess where not `reliable`; `und` when it is "
        "none that we know or can tell, `zxx` when there is no language.",
        examples=["ro", "zh-Hant"],
    ),
]
EntityKind = Annotated[
    EntityType,
    _says("What it is; NORP is a nationality adjective or demonym.", "PER"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RawArticle:
    """An article as it came, before any stage."""

    content: Annotated[
        str,
        _says(
            "The article's text or HTML, as decoded.",
            f"{_EXAMPLE_BANNER}\n{_EXAMPLE_TEXT.replace('și', 'şi')}",
        ),
    ]
    content_type: Annotated[ContentType, _says("What `content` is.", "text/plain")] = "text/plain"
    id: ArticleId | None = None
    revision: Revision = 1
    url: Url | None = None
    source: (
        Annotated[
            str,
            Meta(
                min_length=1,
                max_length=253,
                description="Where it came from: a host or a feed's name.",
                examples=["news.example"],
            ),
        ]
        | None
    ) = None
    title: (
        Annotated[
            str,
            Meta(max_length=2000, description="Headline, when known.", examples=["Lavrov a plecat acasă"]),
        ]
        | None
    ) = None
    published_at: (
        Annotated[
            Instant,
            _says("When the source says it was published; RFC 3339 with an offset.", "2026-11-21T18:30:00Z"),
        ]
        | None
    ) = None
    fetched_at: Annotated[Instant, _says("When the producer fetched it.", "2026-11-21T18:59:58Z")] | None = (
        None
    )
    received_at: (
        Annotated[
            Instant,
            _says(
                "When babelwire received it: set by babelwire from the record's timestamp, whatever a "
                "producer puts here.",
                "2026-11-21T19:00:00Z",
            ),
        ]
        | None
    ) = None
    language_hint: (
        Annotated[
            str,
            Meta(
                max_length=35,
                description="Language the feed declares (BCP 47): evidence, never trusted blindly.",
                examples=["ro"],
            ),
        ]
        | None
    ) = None
    metadata: Annotated[
        dict[Annotated[str, Meta(max_length=100)], Annotated[str, Meta(max_length=4096)]],
        Meta(
            max_length=64,
            description="Anything else the producer wants to carry along; passed through untouched.",
            examples=[{"section": "lume"}],
        ),
    ] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """A piece of the raw content that cleaning took out, and why."""

    start: Annotated[Position, _says("First code point of the piece in the raw content.", 0)]
    end: Annotated[Position, _says("One past its last code point in the raw content.", 39)]
    reason: Annotated[str, _says("Why it was removed.", "cookie_banner"), _open(RemovalReason)]
    text: Annotated[str, _says("The removed piece, as it stood.", _EXAMPLE_BANNER)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """A small change of characters that keeps the meaning."""

    start: Annotated[Position, _says("First code point of the repaired piece in the raw content.", 78)]
    end: Annotated[Position, _says("One past its last code point in the raw content.", 79)]
    reason: Annotated[
        str, _says("What kind of damage was repaired.", "romanian_cedilla"), _open(RepairReason)
    ]
    text: Annotated[str, _says("The piece as it stood.", "ş")]
    replacement: Annotated[str, _says("What stands there now.", "ș")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A stretch of ``text`` that is copied unchanged from the raw content."""

    clean: Annotated[Position, _says("First code point of the run in `text`.", 0)]
    raw: Annotated[Position, _says("First code point of the run in the raw content.", 40)]
    length: Annotated[Length, _says("Length of the run.", 38)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What makes two copies of one article recognisable."""

    sha256: Annotated[
        str,
        _says(
            "SHA-256 (hex) of the case-folded, whitespace-collapsed text: equal for equal articles.",
            "e5599ee4b70c46c6b3f1191a9d69f0fd6c873581f0834861d2f900871e8c791f",
        ),
    ]
    near: Annotated[
        str,
        _says(
            "Up to eight smallest 64-bit xxh3 hashes of the word 3-shingles, 16 hex digits each, "
            "ascending, joined by `.`; articles that share most of them are near duplicates.",
            "2f5209f2c16cc80b.6399257663b98dda.68f443a42709bceb.72492583c97b6164."
            "88a77516a9f153ce.9ec446c8d10320ac.a0a65720a8ebde29.dff912d12a8a73b8",
        ),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What produced this event: with the raw article it determines every byte of it."""

    pipeline: Annotated[str, _says("Program and version.", "babelwire/0.1.0")]
    input: Annotated[
        str,
        _says(
            "SHA-256 (first 32 hex digits) of the raw article's own fields.",
            "bd32499049c5522aaa4cc2902cd1ecbd",
        ),
    ]
    stages: Annotated[
        dict[str, str],
        _says("Version of each stage passed, in order.", {"clean": "1", "language": "1", "entities": "1"}),
    ]
    kb: Annotated[str, _says("Version of the knowledge base used.", "14c64c1b3bb5ff38")] | None = None
    model: Annotated[str, _says("Version of the recognition model used.", "8d21f0a9c3e47b15")] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanArticle:
    """An article whose text is the article's own words and nothing else."""

    id: ArticleId
    revision: Revision
    url: Url | None
    source: Annotated[str, _says("Where it came from: a host or a feed's name.", "news.example")] | None
    title: (
        Annotated[
            str,
            _says("Headline: given by the producer, else read from the page.", "Lavrov a plecat acasă"),
        ]
        | None
    )
    text: Annotated[str, _says("The cleaned text; paragraphs are separated by a newline.", _EXAMPLE_TEXT)]
    published_at: (
        Annotated[
            Instant,
            _says("When it was published; null when nobody said so.", "2026-11-21T18:30:00Z"),
        ]
        | None
    )
    published_at_basis: Annotated[PublishedBasis, _says("Where `published_at` came from.", "metadata")]
    received_at: Annotated[Instant, _says("When babelwire received the raw article.", "2026-11-21T19:00:00Z")]
    fetched_at: Annotated[Instant, _says("When the producer fetched it.", "2026-11-21T18:59:58Z")] | None = (
        None
    )
    authors: Annotated[tuple[str, ...], _says("Authors named by the page or the text.", ["Ana Popescu"])] = ()
    credits: Annotated[tuple[str, ...], _says("News agencies credited.", ["Reuters", "AFP"])] = ()
    dateline: Annotated[str, _says("Place (and date) that opens the text.", None, "MOSCOVA")] | None = None
    canonical_url: Annotated[str, _says("Canonical address the page declares.", _EXAMPLE_URL)] | None = None
    site_name: Annotated[str, _says("Name of the site as the page declares it.", "News Example")] | None = (
        None
    )
    language_hint: Annotated[str, _says("Language the feed declared.", "ro")] | None = None
    language_declared: Annotated[str, _says("Language the page itself declares.", "ro-RO")] | None = None
    metadata: Annotated[
        dict[str, str], _says("The producer's own fields, untouched.", {"section": "lume"})
    ] = field(default_factory=dict)
    removed: Annotated[tuple[Removed, ...], _says("What cleaning took out, in raw order.")] = ()
    repairs: Annotated[tuple[Repair, ...], _says("What cleaning repaired, in raw order.")] = ()
    alignment: Annotated[
        tuple[Run, ...],
        _says(
            "Runs of `text` copied unchanged from the raw content, in order of `clean`: the offset map.",
            [{"clean": 0, "raw": 40, "length": 38}, {"clean": 39, "raw": 79, "length": 28}],
        ),
    ] = ()
    fingerprint: Annotated[Fingerprint, _says("For recognising copies.")]
    provenance: Annotated[Provenance, _says("What produced this event.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """Another language the text might be in."""

    tag: Annotated[Tag, _says("Shortest BCP 47 tag of the runner-up.", "it")]
    confidence: Annotated[Share, _says("Probability that it is this one.", 0.0001)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageSegment:
    """A stretch of ``text`` in one language."""

    start: Annotated[Position, _says("First code point of the stretch in `text`.", 0)]
    end: Annotated[Position, _says("One past its last code point in `text`.", 67)]
    tag: Tag


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """The language of an article, with the evidence."""

    tag: Tag
    script: Annotated[str, _says("Main script, ISO 15924; `Zyyy` when there are no letters.", "Latn")]
    confidence: Annotated[Share, _says("Calibrated probability that `tag` is right.", 0.9999)]
    reliable: Annotated[bool, _says("Whether `tag` may be acted upon without a second look.", True)]
    macro: (
        Annotated[str, _says("Macrolanguage, where its members are hard to tell apart.", None, "hbs")] | None
    ) = None
    alternatives: Annotated[tuple[Alternative, ...], _says("Runners-up, best first.")] = ()
    segments: Annotated[
        tuple[LanguageSegment, ...], _says("Languages by position in `text`; one segment unless mixed.")
    ] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggedArticle(CleanArticle):
    """A clean article with its language."""

    language: Annotated[Language, _says("The language of `text`.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleMention:
    """A place in the title that names an entity. ``text == article.title[start:end]``, always."""

    start: Annotated[Position, _says("First code point of the name in the article's `title`.", 0)]
    end: Annotated[Position, _says("One past its last code point in the article's `title`.", 6)]
    text: Annotated[str, _says("The name as it stands there.", "Lavrov")]
    type: EntityKind
    confidence: Annotated[Share, _says("Probability that this names an entity of this type.", 0.9)]
    entity_id: (
        Annotated[str, _says("The entity it names; null when it could not be decided.", "Q58217")] | None
    )
    method: Annotated[
        str,
        _says(
            "How it was linked; later versions may add ways.", "exact", "inflected", "skeleton", "coreference"
        ),
    ]
    metonym_of: (
        Annotated[str, _says("Entity meant by metonymy (a capital for its government).", None, "Q159")] | None
    ) = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention(TitleMention):
    """A place in the text that names an entity. ``text == article.text[start:end]``, always."""

    start: Annotated[Position, _says("First code point of the name in the article's `text`.", 0)]
    end: Annotated[Position, _says("One past its last code point in the article's `text`.", 14)]
    raw_start: Annotated[Position, _says("First code point of the name in the raw content.", 40)]
    raw_end: Annotated[Position, _says("One past its last code point in the raw content.", 54)]
    text: Annotated[str, _says("The name as it stands in the text.", "Serghei Lavrov")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One entity of the article, under one id for all spellings in all languages."""

    id: Annotated[
        str,
        _says("Wikidata id, else another stable scheme, else provisional (`nil:`).", "Q58217"),
    ]
    name: Annotated[str, _says("Canonical name, English where known.", "Sergey Lavrov")]
    type: EntityKind
    mentions: Annotated[
        int,
        Meta(ge=1, description="How often the text and the title name it.", examples=[1]),
        _unit("mentions"),
    ]
    first: Annotated[
        Position, _says("Position of its first mention in `text`; 0 where the title alone names it.", 0)
    ]
    salience: Annotated[Share, _says("Its weight in the article: 1 is all of it.", 1.0)]
    wikidata: Annotated[str, _says("Wikidata id, when verified.", "Q58217")] | None = None
    country: Annotated[str, _says("Country, ISO 3166-1 alpha-2.", "RU")] | None = None
    provisional: Annotated[bool, _says("True while the id is one that may be redirected later.", False)] = (
        False
    )
    in_title: Annotated[bool, _says("True when the title names it, be it there alone.", False)] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrichedArticle(TaggedArticle):
    """A tagged article with the entities it names: what consumers read."""

    mentions: Annotated[tuple[Mention, ...], _says("Every mention, in order of position.")] = ()
    entities: Annotated[tuple[Entity, ...], _says("Every entity, most salient first.")] = ()
    title_mentions: Annotated[
        tuple[TitleMention, ...],
        _says("Every mention in `title`, in order of position; none where the text opens with the title."),
    ] = ()
