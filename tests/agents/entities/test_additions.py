"""An addition is found by every road a compiled record is, and a redirect leads every mention to one id."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.entities.knowledge.additions import extend, record_of
from agents.entities.knowledge.compile import Compilation
from agents.entities.knowledge.kb import Compiled, Lexicon
from agents.entities.knowledge.review import Review
from agents.entities.linking.link import Linker
from agents.entities.stage import STAGE
from agents.stage import Emit, Resources
from schemas import codec
from schemas.additions import Addition, NamedType
from schemas.article import EnrichedArticle, Fingerprint, Language, Provenance, Run, TaggedArticle

BLEEK = Addition(
    id="cur:levan-bleekov",
    type="PER",
    name="Levan Bleekov",
    kind="minister",
    country="NZ",
    names={"zh": ("莱万布里克",), "ko": ("레반블리코프",), "ar": ("ليفان بليكوف",)},
)
GRUNDSTEIN = Addition(id="cur:grundstein-werke", type="ORG", name="Grundstein Werke", kind="company")
TEXTS = (
    ("en", "Minister Levan Bleekov spoke in Wellington. Bleekov then left."),
    ("ru", "Министр Леван Блееков прилетел. Встреча с Леваном Блеековым прошла."),
    ("de", "Der Minister Lewan Bleekow sprach mit den Grundstein Werken."),
    ("hu", "Bleekov Levan tegnap érkezett."),
    ("zh", "会见了莱万布里克部长"),
    ("ko", "레반블리코프는 어제 도착했다."),
    ("ar", "وصل ليفان بليكوف أمس"),
    ("en", "Russia and Sergey Lavrov, and a spokesman, Levan Kolbasov."),
)


@pytest.fixture(scope="module")
def base() -> Compiled:
    return Compiled()


def found(lexicon: Lexicon, tag: str, text: str) -> list[tuple[str, str | None, str]]:
    return [
        (text[one.start : one.end], one.item and one.item.id, one.method)
        for one in Linker(lexicon).link(text, tag)
    ]


def enriched(text: str, tag: str, additions: Iterable[Addition] = ()) -> EnrichedArticle:
    article = TaggedArticle(
        id="a", revision=1, url=None, source=None, title=None, text=text, published_at=None,
        published_at_basis="none", received_at=datetime(2026, 11, 21, tzinfo=UTC),
        alignment=(Run(clean=0, raw=0, length=len(text)),), fingerprint=Fingerprint(sha256="0", near=""),
        provenance=Provenance(pipeline="babelwire/0", input="0", stages={"clean": "1", "language": "1"}),
        language=Language(tag=tag, script="Latn", confidence=1.0, reliable=True),
    )  # fmt: skip
    outcome = STAGE.load(Resources(recognition="rules", additions=tuple(additions)))(article)
    assert isinstance(outcome, Emit)
    enriched: EnrichedArticle = outcome.article
    return enriched


@pytest.mark.parametrize(
    ("tag", "text", "surface", "method"),
    [
        ("en", "Minister Levan Bleekov left.", "Levan Bleekov", "exact"),
        ("de", "Der Besuch Levan Bleekovs endete.", "Levan Bleekovs", "inflected"),
        ("de", "Der Minister Lewan Bleekow ging.", "Lewan Bleekow", "skeleton"),
        ("ru", "Министр Леван Блеков ушел.", "Леван Блеков", "skeleton"),
        ("hu", "Bleekov Levan elment.", "Bleekov Levan", "exact"),
        ("zh", "会见了莱万布里克部长", "莱万布里克", "exact"),
        ("ko", "레반블리코프는 도착했다.", "레반블리코프", "inflected"),
        ("ar", "وصل ليفان بليكوف أمس", "ليفان بليكوف", "exact"),
    ],
)
def test_an_added_person_is_found_by_every_road(
    base: Compiled, tag: str, text: str, surface: str, method: str
) -> None:
    assert all(identifier != BLEEK.id for _, identifier, _ in found(base, tag, text))
    assert (surface, BLEEK.id, method) in found(extend(base, [BLEEK]), tag, text)


def test_the_surname_of_an_added_person_counts_where_the_article_names_her_or_her_country(
    base: Compiled,
) -> None:
    lexicon = extend(base, [BLEEK])
    assert found(lexicon, "en", "In New Zealand, minister Bleekov resigned.")[-1][1:] == (BLEEK.id, "surname")
    text = "Levan Bleekov spoke. Later Bleekov left."
    assert [one[1] for one in found(lexicon, "en", text)] == [BLEEK.id, BLEEK.id]


def test_an_addition_acts_as_if_it_had_been_compiled(base: Compiled, tmp_path: Path) -> None:
    """The same entities, once compiled together, once added to the rest, give the same mentions."""
    rest = [
        Addition(id="Q664", type="LOC", name="New Zealand", kind="country", country="NZ"),
        Addition(
            id="Q159", type="LOC", name="Russia", kind="country", country="RU", names={"ru": ("Россия",)}
        ),
        Addition(id="Q58217", type="PER", name="Sergey Lavrov", kind="minister", country="RU"),
    ]
    added = [BLEEK, GRUNDSTEIN]

    def compiled(additions: Iterable[Addition], folder: Path) -> Compiled:
        with Compilation(folder) as compilation:
            given = set()
            for one in additions:
                record = record_of(one)
                compilation.add(record)
                if one.type == "PER":
                    given.add(one.name.lower().split()[0])
            compilation.finish(["en the", "de der"], given)
        return Compiled(folder)

    whole = compiled([*rest, *added], tmp_path / "whole")
    laid_over = extend(compiled(rest, tmp_path / "rest"), added)
    for tag, text in TEXTS:
        assert found(laid_over, tag, text) == found(whole, tag, text), text
    assert any(one[1] == BLEEK.id for tag, text in TEXTS for one in found(whole, tag, text))


def test_a_known_entity_gets_a_name_and_keeps_its_own(base: Compiled) -> None:
    alias = Addition(id="Q58217", type="ORG", name="Nobody At All", names={"en": ("Grand Bear of Smolensk",)})
    lexicon = extend(base, [alias])
    [mention] = found(lexicon, "en", "The Grand Bear of Smolensk spoke.")
    assert mention == ("Grand Bear of Smolensk", "Q58217", "exact")
    item = lexicon.by_id("Q58217")
    assert item == base.by_id("Q58217")
    assert found(lexicon, "en", "It was Nobody At All.") == found(base, "en", "It was Nobody At All.")


def test_a_merged_entity_carries_the_other_id_everywhere(base: Compiled) -> None:
    merged = Addition(id=BLEEK.id, type="PER", name=BLEEK.name, merged_into="Q58217", names=BLEEK.names)
    article = enriched("Levan Bleekov left. Sergey Lavrov stayed. Bleekov slept.", "en", [merged])
    assert [mention.entity_id for mention in article.mentions] == ["Q58217"] * 3
    [entity] = article.entities
    assert (entity.id, entity.name, entity.mentions) == ("Q58217", "Sergey Lavrov", 3)


def test_a_compiled_entity_can_be_merged_too_with_its_metonyms(base: Compiled) -> None:
    state = Addition(id="cur:ruritania", type="LOC", name="Ruritania", kind="country", country="RU")
    merged = Addition(id="Q159", type="LOC", name="Russia", merged_into=state.id)
    article = enriched("Moscow warned Russia and Ruritania.", "en", [state, merged])
    assert [(one.text, one.entity_id, one.metonym_of) for one in article.mentions] == [
        ("Moscow", "Q649", state.id),
        ("Russia", state.id, None),
        ("Ruritania", state.id, None),
    ]


def test_a_provisional_id_is_redirected(base: Compiled) -> None:
    text = "A spokesman, Andrei Kolbasov, left. Kolbasov was tired."
    [before] = enriched(text, "en").entities
    assert before.provisional
    redirect = Addition(id=before.id, type="PER", name="Levan Bleekov", merged_into=BLEEK.id)
    article = enriched(text, "en", [redirect, BLEEK])
    assert [one.entity_id for one in article.mentions] == [BLEEK.id, BLEEK.id]
    [entity] = article.entities
    assert (entity.name, entity.provisional, entity.country) == ("Levan Bleekov", False, "NZ")
    other = Addition(id=before.id, type="PER", name="x", merged_into="nil:0123456789abcdef")
    [entity] = enriched(text, "en", [other]).entities
    assert (entity.id, entity.name, entity.provisional) == ("nil:0123456789abcdef", "Andrei Kolbasov", True)


@pytest.mark.parametrize(
    ("kind", "tag", "text", "name"),
    [
        ("PER", "en", "A spokesman, Andrei Kolbasov, left.", "Andrei Kolbasov"),
        ("PER", "ru", "Представитель Андрей Колбасов ушел.", "Андрей Колбасов"),
    ],
)
def test_the_provisional_ids_an_entity_had_are_known(
    base: Compiled, kind: NamedType, tag: str, text: str, name: str
) -> None:
    [before] = enriched(text, tag).entities
    addition = Addition(id="cur:kolbasov", type=kind, name=name)
    assert Review(base, {addition.id: addition}).former(addition) == [before.id]


def test_an_office_named_by_its_country_is_redirected(base: Compiled) -> None:
    text = "The foreign ministry of Iceland said so."
    [office] = [one for one in enriched(text, "en").entities if one.type == "ORG"]
    assert office.id == "gov:IS:mfa"
    redirect = Addition(id=office.id, type="ORG", name="x", merged_into=GRUNDSTEIN.id)
    assert GRUNDSTEIN.id in {one.id for one in enriched(text, "en", [redirect, GRUNDSTEIN]).entities}


def chain(*pairs: tuple[str, str | None]) -> list[Addition]:
    return [
        Addition(id=f"cur:{one}", type="ORG", name=f"Grundstein {one}", merged_into=into and f"cur:{into}")
        for one, into in pairs
    ]


@pytest.mark.parametrize(
    ("additions", "ends"),
    [
        (chain(("aa", "bb"), ("bb", "cc"), ("cc", None)), {"aa": "cc", "bb": "cc", "cc": "cc"}),
        (chain(("aa", "bb"), ("bb", "aa")), {"aa": "aa", "bb": "aa"}),
        (chain(("aa", "aa")), {"aa": "aa"}),
        (chain(("zz", "bb"), ("bb", "cc"), ("cc", "bb")), {"zz": "bb", "bb": "bb", "cc": "bb"}),
    ],
)
def test_chains_are_followed_and_circles_end_alike_on_every_worker(
    base: Compiled, additions: list[Addition], ends: dict[str, str]
) -> None:
    for order in (additions, additions[::-1]):
        lexicon = extend(base, order)
        for one, end in ends.items():
            item = lexicon.by_id(f"cur:{one}")
            assert item is not None
            assert item.id == f"cur:{end}"
            assert found(lexicon, "en", f"Shares of Grundstein {one} fell.")[0][1] == f"cur:{end}"


def test_the_version_tells_what_was_known(base: Compiled) -> None:
    assert extend(base, []) is base
    version = extend(base, [BLEEK, GRUNDSTEIN]).version
    assert version == extend(base, [GRUNDSTEIN, BLEEK]).version, "the order of reading plays no part"
    assert len({version, base.version, extend(base, [BLEEK]).version}) == 3
    assert len(version) == 16
    assert enriched("x", "en", [BLEEK]).provenance.kb == extend(base, [BLEEK]).version
    assert enriched("x", "en").provenance.kb == base.version


def test_new_knowledge_is_taken_in_milliseconds() -> None:
    """A running stage is loaded again for every change: what is slow to load must be kept from the first time."""
    STAGE.load(Resources())
    started = time.process_time()
    process = STAGE.load(Resources(additions=(BLEEK,)))
    assert time.process_time() - started < 0.25
    assert process is not None


NAMES = st.text(min_size=1, max_size=200) | st.sampled_from(
    ["Bleek", "·", "de la", "Ли Сы", "李", "NATO", "’"]
)
LANGUAGES = st.sampled_from(["*", "ru", "zh-Hant", "", "no such"])
ADDITIONS = st.builds(
    Addition,
    id=st.sampled_from(["cur:aa", "cur:bb", "Q159", "Q58217", "nil:0123456789abcdef", "gov:IS:mfa", "gn:1", "x y"]),
    type=st.sampled_from(["PER", "ORG", "LOC", "MISC"]),
    name=NAMES,
    kind=st.sampled_from(["", "head", "country", "office", "city", "anything at all"]),
    country=st.sampled_from([None, "RU", "ZZ"]),
    names=st.dictionaries(LANGUAGES, st.lists(NAMES, max_size=3).map(tuple)),
    common_word=st.booleans(),
    merged_into=st.sampled_from([None, "cur:aa", "cur:bb", "Q159", "nil:0123456789abcdef", "cur:none"]),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(additions=st.lists(ADDITIONS, max_size=6))
def test_whatever_the_topic_says_the_linker_goes_on(additions: list[Addition]) -> None:
    known = [codec.decode(codec.encode(one), Addition) for one in additions if " " not in one.id]
    article = enriched(
        "Russia, NATO and Bleek met 李 and Sergey Lavrov. " + " ".join(o.name for o in known), "en", known
    )
    assert {one.entity_id for one in article.mentions if one.entity_id} == {
        one.id for one in article.entities
    }
