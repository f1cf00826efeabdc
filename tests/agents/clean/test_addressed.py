"""What a site says to its reader at either end of a text goes; what the story says of the same stays."""

from __future__ import annotations

import pytest

from agents.clean.residue.addressed import addressed
from agents.clean.residue.phrasebook import all_phrases
from agents.clean.rules import removals

STORY = [
    "The harbour of Lume gets a second ferry in spring, the authority said on Tuesday.",
    "The ship carries four hundred passengers and replaces a boat built in 1978.",
    "Anglers fear for their berths and ask for talks before the first crossing.",
    "The council votes on the timetable at the end of the month.",
]


def gone(*lines: str) -> list[tuple[str, str]]:
    text = "\n".join(lines)
    return [(text[start:end], reason) for start, end, reason in removals(text, all_phrases())]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (
            "Pressing the button below tells our partners that cookies may stay in your browser.",
            "cookie_banner",
        ),
        ("Každý pátek posíláme do vaší schránky newsletter o dění v kraji.", "subscription"),
        ("Ne dhe partnerët tanë ruajmë cookies në pajisjen tuaj.", "cookie_banner"),
        ("Šį rytą jūsų naršyklėje įrašėme slapukų, be kurių puslapis neveikia.", "cookie_banner"),
    ],
)
def test_a_line_that_speaks_to_the_reader_goes_from_either_end(line: str, reason: str) -> None:
    assert gone(line, *STORY) == [(line, reason)]
    assert gone(*STORY, line) == [(line, reason)]


def test_a_line_stays_where_the_story_speaks_of_the_same() -> None:
    line = "Pressing the button below tells our partners that cookies may stay in your browser."
    assert gone(*STORY, line)
    assert gone("Browsers are to block cookies from 2028, ministers decided.", *STORY, line) == []


def test_what_somebody_says_to_somebody_else_stays() -> None:
    said = 'The minister told publishers: "Your newsletter is our concern as well."'
    assert gone(*STORY, said) == []
    assert gone(*STORY, "– Vi skal huske jeres nyhedsbrev, sagde hun til vores avis.") == []


def test_a_line_amid_a_long_story_stays() -> None:
    line = "Pressing the button below tells our partners that cookies may stay in your browser."
    assert gone(*STORY, line, *(f"On pier {n} " + sentence for n in (1, 2) for sentence in STORY)) == []


def test_a_text_of_few_lines_stays() -> None:
    line = "Pressing the button below tells our partners that cookies may stay in your browser."
    assert gone(STORY[0], STORY[1], line) == []


@pytest.mark.parametrize(
    "portrait",
    [
        ["About Lume Lines: Lume Lines runs eleven ferries and employs nine hundred people in four ports."],
        [
            "Über die Lumelinien",
            "Lumelinien betreibt elf Fähren und beschäftigt neunhundert Menschen in vier Häfen.",
        ],
        [
            "À propos du port de Lume",
            "Le port de Lume est le troisième port de pêche de la façade atlantique et emploie 420 personnes.",
        ],
        ["Om Lumelinjen: Lumelinjen driver elleve ferger og har ni hundre ansatte i fire byer."],
    ],
)
def test_what_a_company_says_of_itself_goes_with_its_heading(portrait: list[str]) -> None:
    assert gone(*STORY, *portrait) == [(line, "company_boilerplate") for line in portrait]


def test_a_heading_that_the_next_line_does_not_take_up_stays() -> None:
    assert (
        gone(*STORY, "About time: The second ferry of Lume has been promised since 2009, and is welcome.")
        == []
    )


def test_every_language_has_words_of_its_own() -> None:
    known = addressed()
    assert {hit.reason for hit in known.reader.search(["din"])} == {"nb", "sv"}
    assert [hit.reason for hit in known.about.search(["piškotki"])] == [("hr", "cookie_banner")]
