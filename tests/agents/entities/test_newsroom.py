"""What a newsroom's texts showed: offices of capitals, longer names of towns and persons, parties, towns of wars."""

from __future__ import annotations

import pytest

from agents.entities.knowledge.kb import Compiled
from agents.entities.linking.link import Linker
from agents.entities.spelling.inflection import bases


@pytest.fixture(scope="module")
def linker() -> Linker:
    return Linker(Compiled())


def linked(linker: Linker, tag: str, text: str) -> dict[str, str]:
    return {text[one.start : one.end]: one.item.id for one in linker.link(text, tag) if one.item}


@pytest.mark.parametrize(
    ("tag", "text", "name", "wanted"),
    [
        ("en", "Kyiv's defence ministry denied it.", "Kyiv's defence ministry", "gov:UA:mod"),
        ("de", "Kiews Außenministerium protestierte.", "Kiews Außenministerium", "gov:UA:mfa"),
        ("en", "Georgia governor Ann Roe signed it in Atlanta.", "Georgia", "Q1428"),
        ("en", "Georgia's president spoke in Tbilisi.", "Georgia", "Q230"),
        ("en", "The ECB's Lagarde spoke.", "Lagarde", "Q484605"),
        ("en", "He sued Johnson & Johnson again.", "Johnson & Johnson", "Q333718"),
        ("en", "In Ukraine, shells hit Toretsk again.", "Toretsk", "gn:709354"),
        ("hi", "कीव में धमाका हुआ।", "कीव", "Q1899"),
        ("uk", "Міст через Дніпро закрили.", "Дніпро", "cur:dnieper"),
        ("ru", "Украина: бойцы на берегу Днепра.", "Днепра", "cur:dnieper"),
        ("uk", "Атака на Дніпро.", "Дніпро", "Q48256"),
        ("en", "Turkey said it would not.", "Turkey", "Q43"),
        ("zh-Hans", "小米在北京发布手机。", "小米", "Q1636958"),
        ("cs", "Praha: požár v Českých Budějovicích.", "Českých Budějovicích", "gn:3077916"),
        ("cs", "Praha: ceny z Karlových Varů.", "Karlových Varů", "gn:3073803"),
        ("ru", "Взрыв в Нижнем Новгороде.", "Нижнем Новгороде", "Q891"),
        ("hr", "Zagreb: nesreća u Slavonskom Brodu.", "Slavonskom Brodu", "gn:3190586"),
        ("ml", "തിരുവനന്തപുരത്ത് മഴ. കേരളത്തിൽ മഴ.", "തിരുവനന്തപുരത്ത്", "gn:1254163"),
        ("lt", "Šiauliuose atidaryta gamykla. Lietuva.", "Šiauliuose", "gn:594739"),
        ("ko", "대전서 위성을 공개했다.", "대전", "Q20921"),
        ("en", "London voted, as did the people in Rochdale.", "Rochdale", "gn:2639272"),
        ("hu", "Budapest: Szolnoknál megállt.", "Szolnoknál", "gn:715126"),
        ("cs", "Praha: hladina stoupla v Ústí nad Labem.", "Ústí nad Labem", "gn:3063548"),
        (
            "pl",
            "Polski Trybunał Konstytucyjny milczy.",
            "Polski Trybunał Konstytucyjny",
            "gov:PL:constitutional_court",
        ),
        ("cs", "Povodí: Dunaj stoupá.", "Dunaj", "Q1653"),
        (
            "ko",
            "헌법재판소가 선고했다. 한국 정부는 침묵했다.",
            "헌법재판소",
            "cur:constitutional-court-of-korea",
        ),
        ("ta", "இங்கிலாந்தின் அணி வென்றது.", "இங்கிலாந்தின்", "Q21"),
        ("ta", "அவர் துருக்கிக்கு சென்றார்.", "துருக்கிக்கு", "Q43"),
        ("ru", "США и Дональд Трамп: республиканцы против.", "республиканцы", "Q29468"),
        ("en", "Ministers in Whitehall fear that the costs will rise.", "Whitehall", "cur:whitehall"),
        (
            "en",
            "Fighting between Sudan's army and the RSF reached the airport.",
            "RSF",
            "cur:rapid-support-forces",
        ),
        ("en", "The Republic of Congo has closed its border.", "Republic of Congo", "Q971"),
        ("en", "The fire in Crans-Montana burned all night.", "Crans-Montana", "cur:crans-montana"),
        ("sv", "Räntan sänks, meddelade Riksbanken på torsdagen.", "Riksbanken", "gov:SE:central_bank"),
        ("hu", "A Magyar Nemzeti Bank kamatot emelt.", "Magyar Nemzeti Bank", "gov:HU:central_bank"),
        ("lt", "Naują įstatymą priėmė Seimas.", "Seimas", "Q374152"),
        ("no", "I Oslo gikk Arbeiderpartiet fram.", "Arbeiderpartiet", "Q190219"),
        (
            "nl",
            "De wet ligt nu bij de Tweede Kamer.",
            "Tweede Kamer",
            "cur:house-of-representatives-of-the-netherlands",
        ),
        ("bg", "На изборите победи ГЕРБ.", "ГЕРБ", "cur:gerb"),
        ("el", "Η κυβέρνηση στην Άγκυρα αντέδρασε.", "Άγκυρα", "Q3640"),
        ("pl", "Wydobycie zwiększył KGHM.", "KGHM", "cur:kghm-polska-miedz"),
    ],
)
def test_a_name_means(linker: Linker, tag: str, text: str, name: str, wanted: str) -> None:
    assert linked(linker, tag, text).get(name) == wanted


def test_a_name_ends_with_its_sentence(linker: Linker) -> None:
    assert "Radek Sikora" in linked(linker, "en", "He met Radek Sikora. Minister Roe came.")
    assert "Radek W. Sikora" in linked(linker, "en", "He met Radek W. Sikora yesterday.")


@pytest.mark.parametrize(
    ("tag", "text", "unwanted"),
    [
        ("en", "London voted, and Rochdale won.", "gn:2639272"),
        ("en", "The United States met in Jackson Hole.", "gn:4431410"),
        ("en", "Michael Jordan came back.", "Q810"),
        ("gl", "Chove en Santiago de Compostela.", "gn:3871336"),
        ("de", "Das Essen war gut, sagt Thyssenkrupp.", "Q2066"),
        ("zh-Hans", "英国作家哈里斯出版新书", "cur:kamala-harris"),
        ("ur", "سپریم کورٹ نے فیصلہ سنایا۔ پاکستان خاموش ہے۔", "gov:PK:supreme_court"),
        ("ja", "最高裁は上告を棄却した。日本は静観。", "gov:JP:supreme_court"),
        ("ko", "호주 노동당 정부가 발표했다.", "Q49623"),
        ("en", "Hong Kong Democrats spoke in Beijing of the US.", "Q29552"),
        ("en", "Shells hit Toretsk again.", "gn:709354"),
        ("en", "Turkey breast is cheap in Chicago.", "Q43"),
        ("zh-Hans", "早餐是小米粥。", "Q1636958"),
        ("zh-Hant", "早餐是小米粥,中國。", "Q1636958"),
    ],
)
def test_a_name_does_not_mean(linker: Linker, tag: str, text: str, unwanted: str) -> None:
    assert unwanted not in linked(linker, tag, text).values()


def test_the_dot_below_of_devanagari_may_be_left_out() -> None:
    assert "जेलेंस्की" in bases("ज़ेलेंस्की", "hi")
