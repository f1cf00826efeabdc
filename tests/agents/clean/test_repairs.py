"""Repairs of spaces, credits, datelines and stated dates."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agents.clean.repair.joins import joins
from agents.clean.residue.agencies import credits_in, dateline, opening, prefix_end
from agents.clean.residue.dates import stated

LATEST = datetime(2026, 11, 21, tzinfo=UTC)


def mended(text: str) -> str:
    for edit in reversed(joins(text)):
        text = text[: edit.start] + edit.replacement + text[edit.end :]
    return text


def test_sentences_glued_at_a_stop_are_parted() -> None:
    assert mended("O barco chegou ao porto.Depois partiu.") == "O barco chegou ao porto. Depois partiu."


@pytest.mark.parametrize(
    "text",
    [
        "Read it at news.example or write to Ana.Lopes@news.example today.",
        "The firm Booking.Com and the programme Node.Js were named.",
        "YouTube, LinkedIn and McDonald said nothing.",
        "Die Hafen- und -kontrolle bleibt.",
        "aseMabaso wathi kunjalo.",
    ],
)
def test_names_addresses_and_suspended_hyphens_stay(text: str) -> None:
    assert mended(text) == text


def test_words_glued_throughout_a_text_are_parted_where_both_stand_alone() -> None:
    text = "Ana la vide. Marta la vide. Il porto la attende. MartaLa vide e AnaLa vide, disse Ana a Marta."
    assert mended(text) == text.replace("MartaLa", "Marta La").replace("AnaLa", "AnaLa")


def test_a_word_split_before_its_hyphen_is_joined_where_it_stands_whole_elsewhere() -> None:
    text = "O governo norte-lumense falou. O barco norte -lumense partiu."
    assert mended(text) == text.replace("norte -lumense", "norte-lumense")


def test_a_spaced_ellipsis_becomes_one_character() -> None:
    assert mended("E partiu. . .") == "E partiu…"


def test_agencies_are_credited_once_in_order() -> None:
    assert credits_in("AFP and Reuters; 路透社报道; REUTERS") == ("AFP", "Reuters")
    assert credits_in("The reuter of the harbour, an apple and a map") == ()


def test_a_dateline_is_a_place_before_an_agency_or_in_capitals() -> None:
    assert dateline("LUME, March 3 (Reuters) - The ferry sailed.") == "LUME, March 3"
    assert dateline("LUME — The ferry sailed.") == "LUME"
    assert dateline("The ferry – as ever – sailed.") is None


@pytest.mark.parametrize(
    ("text", "place", "agency"),
    [
        ("Lume, 4 mar (EFE).- El puerto abrió.", "Lume, 4 mar", "EFE"),
        ("LUME, March 4 /TASS/. The ferry sailed.", "LUME, March 4", "TASS"),
        ("(Adds toll) LUME, March 4 (Reuters) - The ferry sailed.", "LUME, March 4", "Reuters"),
        ("Lume, Mar 4 (PTI) The ferry sailed.", "Lume, Mar 4", "PTI"),
        ("Лума. 4 марта. ИНТЕРФАКС - Паром вышел.", "Лума. 4 марта", "Interfax"),
        ("لومي 4 مارس (أ ف ب) - أبحرت العبارة.", "لومي 4 مارس", "AFP"),
        ("लूमे, 4 मार्च (भाषा) नौका चली।", "लूमे, 4 मार्च", "PTI"),
        ("新华社卢梅3月4日电（记者安娜）渡轮启航。", "卢梅3月4日", "Xinhua"),
        ("【ルメ共同】連絡船が出航した。", "ルメ", "Kyodo"),
        ("(루메=연합뉴스) 여객선이 출항했다.", "루메", "Yonhap"),
        ("Ana Rusk, 30 (PAP) sailed.", None, None),
        ("A ferry sank, killing 3 people, Xinhua - a state agency - said.", None, None),
        ("The council met on 4 March, TASS said - as ever - and left.", None, None),
        ("Lume beat 3 others (AP) The match went on.", None, None),
        ("भाषा का सवाल", None, None),
    ],
)
def test_a_dateline_with_a_date_is_read_as_agencies_write_it(
    text: str, place: str | None, agency: str | None
) -> None:
    assert opening(text) == (place, agency)


def test_a_quotation_glued_to_a_stop_is_parted_before_its_mark() -> None:
    assert (
        mended('The mate said no more."We sail," she added.')
        == 'The mate said no more. "We sail," she added.'
    )
    assert mended('She said "we sail."The mate nodded.') == 'She said "we sail." The mate nodded.'


def test_a_bare_agency_prefix_ends_before_the_text() -> None:
    text = "(SeaPRwire) – The ferry sailed."
    assert text[prefix_end(text, 0) :] == "The ferry sailed."
    assert prefix_end("(Lume) – The ferry sailed.", 0) is None


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("Published: 12 March 2026", (2026, 3, 12)),
        ("Aktualisiert am 3. Mai 2024, 17:47", (2024, 5, 3)),
        ("27 августа 2024", (2024, 8, 27)),
        ("2024年5月3日 12:00", (2024, 5, 3)),
        ("27.08.2024", (2024, 8, 27)),
        ("25/03/2026", (2026, 3, 25)),
        ("03/04/2026", None),
        ("3 hours ago", None),
        ("12 March 2031", None),
        ("99.99.2024", None),
    ],
)
def test_only_absolute_unambiguous_past_dates_are_stated(
    line: str, date: tuple[int, int, int] | None
) -> None:
    assert stated([line], LATEST) == (datetime(*date, tzinfo=UTC) if date else None)
