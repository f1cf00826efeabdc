"""What the sources bring: adjectives by rule, subdivisions and cities in many languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agents.entities.compiling import sources_are_missing

if sources_are_missing():
    pytest.skip("the knowledge base's sources are not installed (make kb-setup)", allow_module_level=True)

from agents.entities.knowledge.build import doubted
from agents.entities.knowledge.kb import Compiled
from agents.entities.knowledge.records import Record
from agents.entities.knowledge.sources import subdivisions
from agents.entities.knowledge.sources.adjectives import adjectives, derived
from agents.entities.knowledge.sources.regions import spoken_names, translations
from agents.entities.knowledge.sources.stop_words import without_cities
from agents.entities.knowledge.sources.zones import named
from agents.entities.linking.link import Linker


@pytest.mark.parametrize(
    ("code", "name", "form"),
    [
        ("hr", "Kolumbija", "kolumbijskog"),
        ("pl", "Indonezja", "indonezyjska"),
        ("ru", "Малайзия", "малайзийского"),
        ("de", "Indonesien", "indonesischen"),
        ("fi", "Indonesia", "indonesialaisen"),
        ("hu", "Indonézia", "indonéziai"),
        ("he", "אינדונזיה", "אינדונזית"),
        ("ar", "إندونيسيا", "إندونيسية"),
        ("az", "İndoneziya", "indoneziyalı"),
    ],
)
def test_an_adjective_follows_from_a_countrys_name(code: str, name: str, form: str) -> None:
    assert form in derived(name, code)


def test_names_of_several_words_give_no_adjective() -> None:
    assert derived("Južna Koreja", "hr") == ()
    assert derived("Ija", "hr") == ()


def test_what_two_countries_would_share_belongs_to_none_and_what_is_listed_counts() -> None:
    names = {
        "XA": {"hr": ["Zanija"]},
        "XB": {"hr": ["Zanija"]},
        "XC": {"hr": ["Rusija"]},
        "XD": {"hr": ["Tarbija"]},
    }
    found = adjectives(names)
    assert "XA" not in found
    assert "XB" not in found
    assert "rusijski" in found["XC"]["hr"]
    assert "ruski" not in found["XC"]["hr"]
    assert "tarbijskoj" in found["XD"]["hr"]
    assert "američki" in found["US"]["hr"]


def test_subdivisions_are_named_in_scripts_and_no_name_twice() -> None:
    found = translations()
    assert found["us-ca"]["ru"] == ("Калифорния",)
    assert found["us-ca"]["ja"] == ("カリフォルニア",)
    assert len(found) > 350
    for code in ("de", "ru", "hi"):
        names = [name for spoken in found.values() for name in spoken.get(code, ())]
        assert len(names) == len(set(names))


def test_a_city_takes_what_languages_call_its_zone_and_the_heaviest_is_meant() -> None:
    def city(identifier: str, weight: float) -> Record:
        names = {"*": ("Pyongyang",)}
        return Record(
            id=identifier, type="LOC", name="Pyongyang", kind="city", weight=weight, country="KP", names=names
        )

    small, large = named([city("gn:1", 1.0), city("gn:2", 5.0)])
    assert large.names["ru"] == ("Пхеньян",)
    assert large.names["*"] == ("Pyongyang",)
    assert "ru" not in small.names


@pytest.mark.parametrize(
    ("tag", "text", "wanted"),
    [
        ("hr", "Potres je pogodio indonezijski otok.", "Q252"),
        ("ml", "യൂറോപ്യൻ യൂണിയൻ ഇന്ന് തീരുമാനിച്ചു.", "Q458"),
        ("ka", "თეთრი სახლი დუმს.", "Q35525"),
        ("pl", "Przyjechał z Zachodniej Wirginii, z Kalifornii.", "Q99"),
        ("en", "Storms reach the coast of Mexico and northern Mexico, then Mexico again.", "Q96"),
        ("es", "El Congreso de Estados Unidos votó ayer.", "cur:united-states-congress"),
    ],
)
def test_names_in_many_languages_reach_the_linker(tag: str, text: str, wanted: str) -> None:
    assert wanted in {one.item.id for one in Linker(Compiled()).link(text, tag) if one.item}


def test_a_name_that_others_bear_too_needs_evidence() -> None:
    linker = Linker(Compiled())
    alone = linker.link("Am Freitag tagt der Kongress in der Stadthalle.", "de")
    assert "cur:united-states-congress" not in {one.item.id for one in alone if one.item}
    shown = linker.link("In den USA hat der Kongress am Freitag getagt.", "de")
    assert "cur:united-states-congress" in {one.item.id for one in shown if one.item}


def test_cldr_names_subdivisions_in_scripts_and_no_name_twice() -> None:
    found = spoken_names()
    assert found["us-ca"]["ml"] == ("കാലിഫോർണിയ",)
    assert found["us-ca"]["ja"] == ("カリフォルニア州", "カリフォルニア")
    assert found["us-ga"]["ja"] == ("ジョージア州",)  # without what it is, the country
    assert not [name for spoken in found["ru-vla"].values() for name in spoken if " " not in name]  # a city
    for code in ("de", "ru", "hi", "ta", "ml"):
        names = [spoken[code][0] for spoken in found.values() if code in spoken]
        assert len(names) == len(set(names))
    assert all("en" not in spoken for spoken in found.values())


def test_a_newer_cldr_is_read_from_its_folder(tmp_path: Path) -> None:
    def write(name: str, rows: str) -> None:
        (tmp_path / f"{name}.xml").write_text(f"<ldml><subdivisions>{rows}</subdivisions></ldml>", "utf-8")

    write(
        "en",
        '<subdivision type="usca">California</subdivision><subdivision type="xxab">Nowhere</subdivision>',
    )
    write(
        "ta",
        '<subdivision type="usca" draft="contributed">கலிபோர்னியா</subdivision>'
        '<subdivision type="usor" draft="unconfirmed">ஒரிகன்</subdivision>',
    )
    write("ta_LK", '<subdivision type="usca">other</subdivision>')
    assert subdivisions.read(tmp_path, {"us"}) == {"us-ca": {"en": "California", "ta": "கலிபோர்னியா"}}


def city(name: str, *others: str) -> Record:
    return Record(
        id="gn:1",
        type="LOC",
        name=name,
        kind="city",
        weight=7.0,
        country="XX",
        names={"*": (name, *others), "bn": ("ঢাকা",)},
    )


def test_a_great_city_is_no_common_word_where_no_capital_tells_it_from_one() -> None:
    listed = [
        ("bn", "ঢাকা"),
        ("bn", "ঢাকার"),
        ("bn", "এবং"),
        ("he", "חיפה"),
        ("he", "קום"),
        ("hr", "rijeka"),
        ("ar", "ঢাকা"),
    ]
    cities = [city("Rijeka", "חיפה", "קום")]
    assert list(without_cities(listed, cities)) == [
        ("bn", "এবং"),
        ("he", "קום"),
        ("hr", "rijeka"),
        ("ar", "ঢাকা"),
    ]


def test_another_places_name_is_a_citys_only_with_evidence() -> None:
    found = doubted(
        city("Terminus", "Marthasville", "Whitecourt", "Terminos"), {"whitecourt", "terminos", "terminus"}
    )
    assert found.names["*"] == ("Terminus", "Marthasville", "Terminos")
    assert found.names["?"] == ("Whitecourt",)


def test_an_adjective_of_two_countries_is_no_company() -> None:
    found = Linker(Compiled()).link("They spoke of Anglo-American trade for an hour.", "en")
    assert "cur:anglo-american" not in {one.item.id for one in found if one.item}
