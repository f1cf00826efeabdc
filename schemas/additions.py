"""What operators add to the knowledge base, as it lies on its topic.

One record says everything that was added about one entity: the topic is compacted, so the last record of a key
is the whole truth about it, and a record without a value takes all of it back. ``babelwire entities`` writes
them; every worker reads them from the beginning before it takes articles, and goes on reading.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from msgspec import Meta

NamedType = Literal["PER", "ORG", "LOC", "MISC"]
"""Types an entity of the knowledge base can have: a nationality is an adjective of its country."""

EntityId = Annotated[str, Meta(min_length=3, max_length=200, pattern=r"^[^\x00-\x20\x7f]+\Z")]
Name = Annotated[str, Meta(min_length=1, max_length=200)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """What operators added about one entity."""

    id: Annotated[
        EntityId,
        Meta(
            description="Id of the entity; key of the record: `cur:` and a name for one of your own, else the id "
            "under which events name it.",
            examples=["cur:jane-example"],
        ),
    ]
    type: Annotated[
        NamedType,
        Meta(
            description="What it is; where the knowledge base has the entity, its own counts.",
            examples=["PER"],
        ),
    ]
    name: Annotated[
        Name,
        Meta(
            description="Canonical name; where the knowledge base has the entity, its own counts.",
            examples=["Jane Example"],
        ),
    ]
    kind: Annotated[
        str,
        Meta(
            max_length=40,
            description="What it is, finer than the type: it decides how often news is expected to mean it.",
            examples=["minister"],
        ),
    ] = ""
    country: (
        Annotated[
            str,
            Meta(pattern=r"^[A-Z]{2}\Z", description="Its country, ISO 3166-1 alpha-2.", examples=["NZ"]),
        ]
        | None
    ) = None
    names: Annotated[
        dict[str, tuple[Name, ...]],
        Meta(
            description="Names by language (BCP 47), under `*` those that several languages write so, "
            "under `?` those that are words or others' names too, believed only with evidence from the article. The "
            "canonical name counts in every language unless it is among them.",
            examples=[{"*": ["J. Example"], "ru": ["Джейн Экзампл"]}],
        ),
    ] = field(default_factory=dict)
    common_word: Annotated[
        bool,
        Meta(
            description="Its name is an ordinary word too: believed only with evidence from the article.",
            examples=[False],
        ),
    ] = False
    merged_into: (
        Annotated[
            EntityId,
            Meta(
                description="Id of the entity it proved to be: every mention carries that id instead.",
                examples=["cur:jane-b-example"],
            ),
        ]
        | None
    ) = None
