"""Bylines, tags, clocks, polls and rows of languages that a page sets around its story."""

from __future__ import annotations

import pytest

from agents.clean.residue.labels import authors_in, entry_stamps
from agents.clean.residue.phrasebook import all_phrases
from agents.clean.residue.units import units_of
from tests.agents.clean.stories import STORY, cleaned

HEADLINE = "Lume gets a second ferry"


@pytest.mark.parametrize(
    ("line", "authors"),
    [
        ("By Mara Lind", ("Mara Lind",)),
        ("By MARA LIND and Ole Rusk, Political Editor", ("MARA LIND", "Ole Rusk")),
        ("By Mara Lind in Lume", ("Mara Lind",)),
        ("Author: Mara Lind | Lume Courier", ("Mara Lind",)),
        ("Von Anna Berg und Ole Rusk", ("Anna Berg", "Ole Rusk")),
        ("von Ludwig van Loon", ("Ludwig van Loon",)),
        ("Par Jeanne d'Orle, à Lume", ("Jeanne d'Orle",)),
        ("Por Juan Pérez / EFE", ("Juan Pérez",)),
        ("Av Jonas Reve, Orle", ("Jonas Reve",)),
        ("Автор: Иона Ревин", ("Иона Ревин",)),
        ("作者：李四", ("李四",)),
        ("作者：本报记者 李四", ("李四",)),
        ("글: 김민수 기자", ("김민수",)),
        ("بقلم: محمد علي", ("محمد علي",)),
    ],
)
def test_a_byline_names_its_authors(line: str, authors: tuple[str, ...]) -> None:
    assert authors_in(line) == authors
    article = cleaned(HEADLINE, line, *STORY)
    assert article.authors == authors
    assert article.text.split("\n") == [HEADLINE, *STORY]
    assert [(item.reason, item.text.strip()) for item in article.removed] == [("author_bio", line)]


@pytest.mark.parametrize(
    "line",
    [
        "By Associated Press",
        "By Our Staff Reporter",
        "By The Editorial Board",
        "By train to Lume in four hours",
        "By far the best match of the year",
        "By John",
        "Von Angela Berg zu Friedrich Tal",
        "Di padre in figlio",
        "Por la paz y el pan",
        "Autor Rusk wird neu entdeckt",
        "By Mara Lind is what the cover says of the book.",
    ],
)
def test_what_is_no_byline_names_nobody(line: str) -> None:
    assert authors_in(line) == ()


@pytest.mark.parametrize(
    "headline",
    ["Von der Leyen reist nach Kiew", "Von Storch verlässt die Sitzung", "By train to Lume in four hours"],
)
def test_a_headline_that_begins_as_a_byline_does_stays(headline: str) -> None:
    article = cleaned(headline, *STORY)
    assert article.text.split("\n") == [headline, *STORY]
    assert article.authors == ()


def test_no_author_is_read_from_the_story() -> None:
    article = cleaned(*STORY[:2], "By Mara Lind", *STORY[2:], STORY[0], STORY[1])
    assert article.authors == ()
    assert "By Mara Lind" in article.text


@pytest.mark.parametrize(
    "line",
    [
        "English | Français | العربية",
        "Read in: Deutsch / Türkçe",
        "Live | 14:32",
        "Suora | klo 14.32",
        "09:05",
        "ORLE 14 °C",
    ],
)
def test_what_stands_above_a_story_goes(line: str) -> None:
    article = cleaned(line, *STORY)
    assert article.text.split("\n") == list(STORY)
    assert [item.reason for item in article.removed] == ["navigation"]


@pytest.mark.parametrize(
    "line",
    [
        "Tags: rail, night trains, Orle, transport policy",
        "标签：铁路、奥尔莱、交通",
        "#Lume #Orle",
        "Should the quay be rebuilt? Yes / No / Not sure",
        "FTSE 100 8,214.30 +0.42% | Brent $71.20",
        "Español, Português, English",
    ],
)
def test_what_stands_below_a_story_goes(line: str) -> None:
    article = cleaned(*STORY, line)
    assert article.text.split("\n") == list(STORY)
    assert [item.reason for item in article.removed] == ["navigation"]


@pytest.mark.parametrize(
    "line",
    [
        "Top scorers: Lind, Rusk, Dahl",
        "Next round: Saturday.",
        "Kick-off: 14:30",
        "Who will lift it next? Lume or Orle",
        "Seville 45 °C, a record",
    ],
)
def test_a_line_of_the_story_that_looks_alike_stays(line: str) -> None:
    assert cleaned(*STORY, line).text.split("\n") == [*STORY, line]
    assert cleaned(line, *STORY).text.split("\n") == [line, *STORY]


@pytest.mark.parametrize("line", ["00:00", "0:00 / 4:12"])
def test_the_clock_of_a_player_goes_and_a_score_stays(line: str) -> None:
    article = cleaned(*STORY[:2], line, *STORY[2:])
    assert article.text.split("\n") == list(STORY)
    assert [item.reason for item in article.removed] == ["navigation"]
    assert cleaned(*STORY[:2], "Halftime: 0:0", *STORY[2:]).removed == ()


def test_a_list_that_a_line_of_the_story_announces_stays() -> None:
    for items in (("For: 4,112", "Against: 1,038"), ("反対 1038", "賛成 4112"), ("Za: 4112", "Proti: 1038")):
        article = cleaned(*STORY, "Results of the vote:", *items)
        assert article.text.split("\n") == [*STORY, "Results of the vote:", *items]


def test_news_of_cookies_and_newsletters_stays_where_it_does_not_speak_to_the_reader() -> None:
    for line in (
        "The agency fined two sites that hid the button to refuse cookies.",
        "Ведомство оштрафовало два сайта, которые прятали кнопку отказа от файлов cookie.",
        "당국은 쿠키 거부 버튼을 숨긴 두 사이트에 과태료를 부과했다.",
        "Compania a pierdut 9.000 de abonați la newsletter, a recunoscut directoarea.",
    ):
        assert cleaned(*STORY, line).text.split("\n") == [*STORY, line]


def test_a_credit_goes_from_before_a_quotation_that_it_is_glued_to() -> None:
    for credit, story in (
        ("Photo: Dana Lind/AP", "“Tern” won on Saturday, 3-1, and is in the final."),
        ("Фото: Дана Волкова/ТАСС", "«Орле» в субботу обыграл «Сарн» и вышел в финал."),
    ):
        assert cleaned(credit + story, *STORY).text.split("\n") == [story, *STORY]


@pytest.mark.parametrize(
    "line",
    [
        "Home / News / Harbour",
        "トップ｜ニュース｜港",
        "الرئيسية / محليات / النقل",
        "22/08/2026 16h10 Atualizado há 3 horas",
        "27 gennaio 2026 (modifica il 28 gennaio 2026 | 09:11)",
        "입력 2026.04.21 08:12 수정 2026.04.21 11:37",
        "Thứ tư, 19/3/2026, 06:30 (GMT+7)",
    ],
)
def test_the_way_through_the_site_and_the_stamp_above_a_story_go(line: str) -> None:
    article = cleaned(line, HEADLINE, *STORY)
    assert article.text.split("\n") == [HEADLINE, *STORY]
    assert [item.reason for item in article.removed] == ["navigation"]


@pytest.mark.parametrize(
    "line",
    [
        "Lume / Orle: two towns, one ferry",
        "Lume 3 / Orle 1 / Sted 0",
        "Concert in the old town hall of Lume, 12 March 2026, 19:30, doors open at six",
        "On 12 March 2026 the ferry left at 19:30.",
    ],
)
def test_a_headline_with_strokes_or_a_date_stays(line: str) -> None:
    assert cleaned(line, *STORY).text.split("\n") == [line, *STORY]


ENTRIES = (
    "14:32",
    "Schools in Lume will stay shut on Friday, the council says, and parents have been told.",
    "14:05",
    "The bridge at Harrow Point is closed in both directions, and drivers take the tunnel.",
    "13:47 GMT",
    "Owen Pike, the harbour master, has never seen waves like these in thirty years.",
)


def test_the_times_of_a_live_blog_stay_and_the_stamp_of_an_article_goes() -> None:
    blog = cleaned(HEADLINE, "Live reporting", *ENTRIES)
    assert blog.text.split("\n") == [HEADLINE, *ENTRIES]
    stamped = cleaned(HEADLINE, "14:32", *STORY)
    assert stamped.text.split("\n") == [HEADLINE, *STORY]


def test_a_column_of_headlines_with_their_times_is_no_live_blog() -> None:
    units = list(units_of("14:32\nSchools stay shut\n14:05\nBridge closed\n13:47\nWaves", all_phrases(), {}))
    assert entry_stamps(units) == set()


@pytest.mark.parametrize("trail", ["Home > News > Region", "หน้าแรก > กีฬา", "Startseite › Politik"])
def test_a_way_through_the_site_goes_whatever_stands_between_its_sections(trail: str) -> None:
    article = cleaned(trail, HEADLINE, *STORY)
    assert article.text.split("\n") == [HEADLINE, *STORY]
