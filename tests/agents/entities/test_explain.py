"""Every decision can be explained: the candidates, the score of each by part, and why one won or none did."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.entities.knowledge.additions import extend
from agents.entities.knowledge.compile import compile_records
from agents.entities.knowledge.kb import Compiled, Lexicon
from agents.entities.knowledge.records import Record
from agents.entities.linking.explain import Explanation, explain
from agents.entities.linking.heading import headed
from agents.entities.linking.link import Linker
from schemas.additions import Addition


def place(identifier: str, name: str, country: str, weight: float, kind: str = "capital") -> Record:
    return Record(
        id=identifier, type="LOC", name=name, kind=kind, weight=weight, country=country, names={"*": (name,)}
    )


RECORDS = (
    place("Q1", "Arvenland", "AA", 12.0, "country"),
    place("Q2", "Berunia", "BB", 12.0, "country"),
    place("Q3", "Tolmesk", "AA", 9.0),
    place("Q4", "Tolmesk", "BB", 8.8),
    Record(
        id="Q5", type="PER", name="Ilka Varnhagen", kind="minister", weight=8.5, country="AA",
        names={"*": ("Ilka Varnhagen",)},
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def lexicon(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    folder: Path = tmp_path_factory.mktemp("kb")
    compile_records(RECORDS, [("en", "the")], ["mirko"], folder)
    return Compiled(folder)


def told(lexicon: Lexicon, text: str, surface: str, title: str | None = None) -> Explanation:
    read = headed(title, text)
    return next(one for one in explain(Linker(lexicon), lexicon, read, "en") if one.text == surface)


def test_the_winner_is_told_with_its_margin_and_every_score_by_part(lexicon: Compiled) -> None:
    one = told(lexicon, "She flew to Arvenland and landed in Tolmesk at night.", "Tolmesk")
    assert (one.id, one.method, one.margin) == ("Q3", "exact", 2.2)
    assert one.why == "leads by 2.20 over Tolmesk (Q4)"
    assert [(c.id, c.standing, c.score) for c in one.candidates] == [
        ("Q3", "chosen", 12.5),
        ("Q4", "compared", 10.3),
    ]
    assert one.candidates[0].parts == {"weight": 9.0, "language": 1.5, "country": 2.0}
    assert one.candidates[1].parts == {"weight": 8.8, "language": 1.5}
    assert {c.believed for c in one.candidates} == {"at once"}


def test_a_call_too_close_says_so(lexicon: Compiled) -> None:
    one = told(lexicon, "She landed in Tolmesk at night.", "Tolmesk")
    assert (one.id, one.method) == (None, "ambiguous")
    assert one.why == "Tolmesk (Q3) and Tolmesk (Q4) lie 0.20 apart, less than the margin of 0.4"
    assert [c.standing for c in one.candidates] == ["compared", "compared"]


def test_a_surname_names_the_full_name_it_is_short_for(lexicon: Compiled) -> None:
    one = told(lexicon, "Yesterday Ilka Varnhagen spoke, and then Varnhagen left.", "Varnhagen")
    assert (one.id, one.method, one.why) == ("Q5", "coreference", "short for 'Ilka Varnhagen' at 10")


def test_a_name_that_became_no_mention_is_told_with_its_reason(lexicon: Compiled) -> None:
    one = told(lexicon, "Then Varnhagen left.", "Varnhagen")
    assert (one.method, one.id) == ("none", None)
    assert one.why == "the article names no country, role or longer name that supports a candidate"
    assert [(c.id, c.alias, c.believed, c.standing) for c in one.candidates] == [
        ("Q5", "surname", "with evidence", "no evidence in the article")
    ]


def test_an_unknown_persons_id_is_explained_by_its_sound(lexicon: Compiled) -> None:
    one = told(lexicon, "In the end Mirko Feldkirch said no.", "Mirko Feldkirch")
    assert one.method == "provisional"
    assert one.candidates == ()
    assert one.why.endswith("so its id is made of how it sounds (mrk fldkrs)")


def test_explaining_changes_no_decision(lexicon: Compiled) -> None:
    text = "Arvenland sent Ilka Varnhagen to Tolmesk, Berunia. Varnhagen met Mirko Feldkirch in Tolmesk."
    found = Linker(lexicon).link(text, "en")
    explanations = explain(Linker(lexicon), lexicon, headed(None, text), "en")
    assert [(one.start, one.id) for one in explanations if one.method != "none"] == [
        (one.start, one.item.id if one.item else None) for one in found
    ]
    assert len(found) == 7
    beside = next(one for one in explanations if one.text == "Tolmesk")
    assert beside.candidates[0].parts["beside"] == 8.0
    assert beside.id == "Q4"


def test_an_entity_that_was_merged_is_told_with_what_it_was(lexicon: Compiled) -> None:
    text = "In the end Mirko Feldkirch said no."
    [unknown] = [one.item for one in Linker(lexicon).link(text, "en") if one.item]
    merged = extend(lexicon, [Addition(id=unknown.id, type="PER", name=unknown.name, merged_into="Q5")])
    one = told(merged, text, "Mirko Feldkirch")
    assert one.id == "Q5"
    assert one.why.endswith(f"an operator merged {unknown.id} into it")


def test_the_title_is_explained_first_with_positions_of_its_own(lexicon: Compiled) -> None:
    read = headed("Varnhagen in Tolmesk", "Ilka Varnhagen of Arvenland came by train.")
    explanations = explain(Linker(lexicon), lexicon, read, "en")
    assert [(one.in_title, one.start, one.text, one.id) for one in explanations] == [
        (True, 0, "Varnhagen", "Q5"),
        (True, 13, "Tolmesk", "Q3"),
        (False, 0, "Ilka Varnhagen", "Q5"),
        (False, 18, "Arvenland", "Q1"),
    ]
    assert explanations[0].why == "short for 'Ilka Varnhagen' at 0"


def test_a_surname_is_short_for_the_name_in_the_title(lexicon: Compiled) -> None:
    one = told(
        lexicon, "On Monday Varnhagen came by train.", "Varnhagen", title="Ilka Varnhagen visits Arvenland"
    )
    assert (one.id, one.why) == ("Q5", "short for 'Ilka Varnhagen' in the title")
