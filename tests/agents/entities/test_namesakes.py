"""A family name alone, in an article that names several who bear it."""

from __future__ import annotations

import pytest

from agents.entities.knowledge.kb import Compiled
from agents.entities.linking.link import Linker
from tests.agents.entities.test_unknown import ids, link

HILLARY, BILL = "cur:hillary-clinton", "Q1124"


@pytest.fixture(scope="module")
def linker() -> Linker:
    return Linker(Compiled())


def persons(linker: Linker, text: str, tag: str) -> list[str | None]:
    return [one.item.id if one.item else None for one in linker.link(text, tag) if one.type == "PER"]


def test_of_two_bearers_named_alike_nobody_is_meant(linker: Linker) -> None:
    text = "Hillary Clinton came with Bill Clinton. On Sunday Clinton thanked the staff."
    *_, last = linker.link(text, "en")
    assert (last.item, last.method, [one for one, _ in last.ranked]) == (None, "ambiguous", [HILLARY, BILL])


def test_before_the_second_bearer_is_named_the_first_is_meant(linker: Linker) -> None:
    text = "Hillary Clinton came. Clinton thanked the staff. Bill Clinton waved."
    assert persons(linker, text, "en") == [HILLARY, HILLARY, BILL]


def test_who_the_article_is_about_is_meant(linker: Linker) -> None:
    text = "Bill Clinton came. Hillary Clinton waved. At noon Bill Clinton spoke. On Sunday Clinton rested."
    assert persons(linker, text, "en") == [BILL, HILLARY, BILL, BILL]


def test_two_of_a_family_in_the_eastern_order_are_told_apart(linker: Linker) -> None:
    text = "Kim Jong Un toured the yard with Kim Yo Jong. On Sunday Kim praised the crew."
    assert persons(linker, text, "en") == ["Q56226", "cur:kim-yo-jong", None]


def test_the_form_of_a_family_name_tells_who_is_meant() -> None:
    text = "Мария Зубарева и Пётр Зубарев подали иск. Зубарев проиграл."
    found = link(text, "ru", ("Мария Зубарева", "PER"), ("Пётр Зубарев", "PER"))
    assert len({one.item.id for one in found if one.item}) == 2
    assert found[-1].item == found[1].item


def test_who_is_called_by_a_name_alone_keeps_it_beside_another_bearer(linker: Linker) -> None:
    text = "Donald Trump met Tiffany Trump and Eric Trump. Later Trump flew home."
    assert persons(linker, text, "en")[-1] == "Q22686"


def test_spellings_of_one_given_name_are_no_namesakes() -> None:
    text = "Marla Quenby sued. The firm of M. Quenby won. Later Quenby left."
    found = link(text, "en", ("Marla Quenby", "PER"), ("M. Quenby", "PER"), ("Quenby", "PER"))
    assert found[-1].method == "coreference"


def test_an_honorific_makes_no_namesake() -> None:
    text = "Jane Quenby sued. Judge Quenby was told by Mister Quenby. Later Quenby left."
    found = link(text, "en", ("Jane Quenby", "PER"), ("Mister Quenby", "PER"), ("Quenby", "PER"))
    assert found
    assert [one.method for one in found if one.method == "ambiguous"] == []


def test_a_run_of_thai_is_no_family_name(linker: Linker) -> None:
    text = "ผู้นำพบกับสี จิ้นผิง ต่อมาผู้นำพบกับสี"
    assert [text[one.start : one.end] for one in linker.link(text, "th")] == ["สี จิ้นผิง"]


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("Foreign minister Sergei V. Lavrov cancelled the trip.", "Sergei V. Lavrov", "Q58217"),
        ("Russia's envoy said Sergey K. Lavrov would come.", "Sergey K. Lavrov", "Q58217"),
        ("The plumber Sergei V. Lavrov won the prize.", "Sergei V. Lavrov", "nil:"),
        ("President George H. W. Bush signed it in Texas.", "George H. W. Bush", "nil:"),
    ],
)
def test_a_middle_initial_needs_evidence_and_no_other_initial(text: str, name: str, expected: str) -> None:
    (one,) = (one for one in link(text, "en", (name, "PER")) if one.type == "PER")
    assert text[one.start : one.end] == name
    assert (one.item.id if one.item else "").startswith(expected)


def test_an_unknown_person_is_one_with_and_without_an_initial() -> None:
    text = "Marla J. Quenby sued on Monday. The court heard Marla Quenby first, then Otis R. Quenby."
    names = "Marla J. Quenby", "Marla Quenby", "Otis R. Quenby"
    one, two, three = ids(link(text, "en", *((name, "PER") for name in names)))
    assert one == two != three


def test_a_lone_name_stays_with_who_is_called_so_and_a_suffix_is_no_family_name() -> None:
    linker = Linker(Compiled())

    def ids(text: str) -> list[str]:
        return [one.item.id for one in linker.link(text, "en") if one.item and one.type == "PER"]

    assert ids("Melania Trump opened a school. Trump stayed away.")[-1] == "Q22686"
    assert ids("Mary Trump, a niece, wrote a book.")[0].startswith("nil:")
    full, alone = ids("Robert F. Kennedy Jr. spoke. Nobody asked Kennedy.")
    assert alone == full


def test_a_month_below_a_person_of_its_name_is_a_month(linker: Linker) -> None:
    text = "Theresa May spoke. The talks will last until May, and May agreed."
    found = [one for one in linker.link(text, "en") if one.item and one.item.name == "Theresa May"]
    assert [text[one.start : one.end] for one in found] == ["Theresa May", "May"]
    assert found[-1].start == text.rindex("May")
