"""An addition that would harm the knowledge base is refused, with a sentence that says why."""

from __future__ import annotations

import re
from dataclasses import replace

import pycountry
import pytest

from agents.entities.knowledge.kb import Compiled
from agents.entities.knowledge.review import Review
from schemas.additions import Addition

JANE = Addition(id="cur:jane-bleekov", type="PER", name="Jane Bleekov", kind="minister", country="NZ")
STATE = Addition(id="cur:ruritania", type="LOC", name="Ruritania", kind="country")
NIL = "nil:0123456789abcdef"


@pytest.fixture(scope="module")
def base() -> Compiled:
    return Compiled()


def objections(base: Compiled, addition: Addition, *others: Addition) -> list[str]:
    return Review(base, {one.id: one for one in (*others, addition)}).objections(addition)


@pytest.mark.parametrize(
    "addition",
    [
        JANE,
        STATE,
        replace(JANE, id="Q999999999"),
        replace(JANE, names={"*": ("J. Bleekov",), "zh-Hant": ("珍布里克",)}),
        replace(JANE, kind="", country=None),
        Addition(id="Q58217", type="PER", name="Sergey Lavrov", names={"pl": ("Siergiej Ławrow",)}),
        Addition(id="Q159", type="LOC", name="Russia", names={"en": ("The Bear",)}),
        Addition(id=NIL, type="PER", name="x", merged_into="Q58217"),
        Addition(id=NIL, type="PER", name="x", merged_into="nil:fedcba9876543210"),
        Addition(id="gov:IS:mfa", type="ORG", name="x", merged_into="gov:NZ:mfa"),
        Addition(id="cur:will", type="ORG", name="will", common_word=True),
        Addition(id="cur:will", type="ORG", name="Will", common_word=True),
        Addition(id="cur:will", type="ORG", name="Will", names={"fr": ("Will",)}),
        Addition(id="cur:will", type="ORG", name="Will Group", names={"?": ("Will",)}),
        Addition(id="cur:nokia", type="ORG", name="Nokia"),
        Addition(id="cur:kim", type="PER", name="Kim", kind="head"),
        Addition(id="cur:georgia", type="ORG", name="Georgia", common_word=True),
        Addition(id="Q58217", type="PER", name="Sergey Lavrov", names={"?": ("Germany",)}),
        Addition(id="Q159", type="LOC", name="Russia", names={"en": ("Russia",)}),
        replace(JANE, country="XK"),
        replace(JANE, country="SJ"),
        Addition(id="cur:eifon", type="MISC", name="eiFon"),
    ],
)
def test_a_good_addition_is_taken(base: Compiled, addition: Addition) -> None:
    assert objections(base, addition) == []


@pytest.mark.parametrize(
    ("addition", "text"),
    [
        (replace(JANE, id="jane"), "expected an id like cur:jane-example"),
        (replace(JANE, id="gn:999999999"), "is unknown; an entity of your own has an id like cur:"),
        (replace(JANE, id=NIL), "is provisional: add the entity under an id of its own"),
        (replace(JANE, country="XQ"), "expected a country as ISO 3166-1 alpha-2, got 'XQ'"),
        (replace(JANE, kind="office"), "the kind 'office' cannot be added"),
        (replace(JANE, names={"german": ("Jane B.",)}), "expected a language as BCP 47"),
        (replace(JANE, name="jane bleekov"), "is written small"),
        (replace(JANE, names={"ru": ("джейн бликова",)}), "is written small"),
        (replace(JANE, names={"*": ("!",)}), "the name '!' is too short to be looked for"),
        (replace(JANE, names={"zh": ("珍",)}), "the name '珍' is too short to be looked for"),
        (replace(JANE, name="Jane " * 10 + "Bleekov"), "more than 10 words"),
        (Addition(id="cur:will", type="ORG", name="will"), "'will' is a common word (en"),
        (Addition(id="cur:will", type="ORG", name="Will"), "'Will' is a common word (en"),
        (Addition(id="cur:state", type="LOC", name="State"), "give a longer name, or --common-word"),
        (Addition(id="cur:and", type="PER", name="And", kind="head"), "'And' is a common word ("),
        (Addition(id="cur:union", type="ORG", name="Portugal"), "'Portugal' names a country, Portugal (Q45)"),
        (
            Addition(id="cur:union", type="LOC", name="Portugal", country="ES"),
            "give a longer name, or --common-word",
        ),
        (Addition(id="cur:union", type="ORG", name="Die Union", names={"de": ("Schweden",)}), "Sweden (Q34)"),
        (
            Addition(id="Q58217", type="PER", name="Sergey Lavrov", names={"pl": ("Szwecja",)}),
            "'Szwecja' names a country, Sweden",
        ),
        (replace(JANE, names={"??": ("Jane B.",)}), "expected a language as BCP 47 (ru, zh-Hant), * or ?"),
        *(
            (replace(JANE, country=code), f"expected a country as ISO 3166-1 alpha-2, got {code!r}")
            for code in ("ZZ", "XA", "XB", "EZ", "QO", "EU", "UN")
        ),
        (replace(JANE, names={"ar": ("هذا",)}), "'هذا' is a common word (ar)"),
        (
            Addition(id="Q159", type="LOC", name="Russia", names={"en": ("the",)}),
            "'the' is a common word (en)",
        ),
        (replace(STATE, names={"de": ("Russland",)}), "'Russland' names a country already, Russia (Q159)"),
        (replace(STATE, name="Portugal"), "'Portugal' names a country already"),
        (
            Addition(id="Q159", type="LOC", name="Russia", names={"en": ("Japan",)}),
            "one name cannot mean two",
        ),
        (replace(STATE, names={"en": ("Shanghai",)}), "'Shanghai' is a great city, Shanghai"),
        (replace(JANE, merged_into=JANE.id), "cannot be merged into itself"),
        (replace(JANE, merged_into="cur:nobody"), "cur:nobody is unknown: `babelwire entities add` adds it"),
        (replace(JANE, merged_into="Q159"), "is PER, Q159 is LOC: they cannot be one entity"),
        (replace(JANE, merged_into=NIL), "merge the provisional one into the known"),
        (
            Addition(id="gn:999999999", type="LOC", name="Nowhere", merged_into="Q159"),
            "gn:999999999 is unknown: no mention carries it",
        ),
    ],
)
def test_a_bad_addition_is_refused_in_words(base: Compiled, addition: Addition, text: str) -> None:
    found = objections(base, addition)
    assert len(found) == 1, found
    assert text in found[0]


def test_additions_are_looked_at_beside_each_other(base: Compiled) -> None:
    assert objections(base, replace(STATE, id="cur:other"), STATE) == [
        "'Ruritania' names a country already, Ruritania (cur:ruritania): one name cannot mean two"
    ]
    merged = replace(JANE, merged_into="cur:jane-b")
    assert objections(base, merged, replace(JANE, id="cur:jane-b")) == []
    [circle] = objections(base, replace(JANE, id="cur:jane-b", merged_into=JANE.id), merged)
    assert circle.startswith(
        f"{JANE.id} was merged into cur:jane-b before: `babelwire entities rm --merge {JANE.id}`"
    )


def test_an_operator_is_told_of_a_name_that_is_a_word_too(base: Compiled) -> None:
    sony = Addition(id="Q41187", type="ORG", name="Sony", names={"fi": ("Sony",)})
    [remark] = Review(base, {sony.id: sony}).remarks(sony)
    assert remark == "'Sony' is a common word too (fi) and may be found where it is one"
    assert Review(base, {}).remarks(replace(sony, common_word=True)) == []


def test_an_operator_is_told_of_a_namesake_and_of_the_id_events_used_until_now(base: Compiled) -> None:
    twin = Addition(id="cur:lavrov", type="PER", name="Sergey Lavrov")
    assert Review(base, {twin.id: twin}).remarks(twin) == [
        "'Sergey Lavrov' names Q58217 (Sergey Lavrov) already; if it is the same, use `alias` or `merge`"
    ], "events called him Q58217, and by no provisional id"
    [remark] = Review(base, {JANE.id: JANE}).remarks(JANE)
    assert re.fullmatch(
        "until now events called it nil:[0-9a-f]{16}; `add --redirect` merges that into it", remark
    )
    alias = Addition(id="Q58217", type="PER", name="Sergey Lavrov", names={"pl": ("Siergiej Ławrow",)})
    assert Review(base, {alias.id: alias}).remarks(alias) == []


def test_an_operator_is_told_whose_name_an_alias_is(base: Compiled) -> None:
    alias = Addition(id="Q58217", type="PER", name="Sergey Lavrov", names={"en": ("Emmanuel Macron",)})
    assert Review(base, {alias.id: alias}).remarks(alias) == [
        "'Emmanuel Macron' names Q3052772 (Emmanuel Macron) already; an article that says it may mean either now"
    ]


def test_a_provisional_id_that_leads_elsewhere_is_told_of(base: Compiled) -> None:
    [was] = Review(base, {JANE.id: JANE}).former(JANE)
    other = Addition(id=was, type="PER", name="x", merged_into="Q58217")
    assert Review(base, {JANE.id: JANE, was: other}).remarks(JANE) == [
        f"{was}, as events called it until now, stays merged into Q58217"
    ]


def test_a_known_person_in_another_spelling_had_no_provisional_id(base: Compiled) -> None:
    spelt = Addition(id="cur:lawrow", type="PER", name="Sergiej Lawrow", names={"ru": ("Джейн Блеекова",)})
    assert len(Review(base, {spelt.id: spelt}).former(spelt)) == 1, "of the second name alone"


def test_every_country_of_the_standard_is_one(base: Compiled) -> None:
    every = [replace(JANE, country=country.alpha_2) for country in pycountry.countries]
    assert [one.country for one in every if objections(base, one)] == []


def test_a_circle_is_seen_by_the_id_that_events_carry(base: Compiled) -> None:
    office = base.by_id("gov:US:mfa")
    assert office is not None
    assert office.id.startswith("Q")
    there = Addition(id=office.id, type="ORG", name=office.name, merged_into="cur:bureau")
    bureau = Addition(id="cur:bureau", type="ORG", name="Bureau of Distant Affairs", merged_into="gov:US:mfa")
    [circle] = objections(base, bureau, there)
    assert "was merged into cur:bureau before: `babelwire entities rm --merge gov:US:mfa`" in circle
