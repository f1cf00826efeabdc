"""Small words name the language of romanised text; no text in another language is taken for one."""

from __future__ import annotations

import pytest

from agents.language import decide
from agents.language.decide import Judge
from agents.language.evidence import sample
from agents.language.romanised import romanised

TYPED = {
    "hi": "yaar kal mera exam hai aur maine kuch padha hi nahi, kya karu samajh nahi aa raha",
    "ur": "mujhe samajh nahin aa rahi ke hukumat ne yeh faisla kyun kiya hai, awam bohat pareshan hain",
    "pa": "tusi kithe ja rahe ho, main taan ghar vich hi baitha haan",
    "bn": "ami kal dhaka jabo, tumi ki amar sathe jabe naki tomar onno kaj ache",
    "mr": "mala mahit nahi to kuthe gela pan aaj to aala nahi shalet",
    "gu": "hu aaje ghare nathi, tame kale aavo to maja aavse",
    "ne": "ma bholi kathmandu janchu, timi pani aau hai",
    "ta": "naan nethu unga veetukku vandhen aana neenga illa, enna aachu",
    "te": "nenu repu office ki raanu, naaku konchem ontlo baaledu",
    "ml": "njan innale avide poyi pakshe arum undayirunnilla",
    "ar": "ana mesh 3aref leh el internet batee2 keda el naharda, hawel ta7awel tany",
    "fa": "salam khubi? man emruz nemitunam biam chon kheyli kar daram",
    "uk": "pryvit, yak spravy? ya sohodni ne mozhu pryity, bo duzhe bahato roboty",
    "ru": "privet, ya segodnya ne pridu potomu chto zabolel, davai vstretimsya zavtra",
    "el": "kalimera se olous, simera tha pame gia kafe sto kentro kai meta sto sinema",
    "ko": "oneul nalssiga neomu deowoyo, naeil bi on dago haeyo",
}


@pytest.fixture(scope="module")
def judge() -> Judge:
    return decide.load()


@pytest.mark.parametrize("language", TYPED)
def test_typed_text_is_named_and_never_reliable_under_a_wrong_name(judge: Judge, language: str) -> None:
    for typed in (TYPED[language], TYPED[language].upper()):
        verdict = judge.decide(sample(typed))
        assert verdict.tag == f"{language}-Latn"
        assert verdict.script == "Latn"
        assert 0 < verdict.confidence <= 1


@pytest.mark.parametrize(
    "text",
    [
        "Mapolesa a tshwara monna ya dilemo di mashome a mararo ka mabaka a polao ya mosadi",
        "E maiti te feia no te fenua i te i'oa o te fenua no te taui i te i'oa",
        "Ne znam sto se desilo s njom i mojim djetetom, a to je sve",
        "The main man in the part of the house is a man to see on the day",
        "Bugun hava cok guzel ama yarin yagmur var",
        "Tou moun gen dwa pou yo viv lib nan peyi yo",
        "",
    ],
)
def test_a_language_with_short_words_of_its_own_is_not_taken_for_typed_text(text: str) -> None:
    assert romanised(text) == ()


def test_an_english_text_that_quotes_a_typed_line_stays_english(judge: Judge) -> None:
    text = (
        "The minister said prices would not rise before the end of the year, and nobody believed him. "
        f"{TYPED['hi']} Nobody in the market had heard of the new rules that were announced on Monday."
    )
    assert judge.decide(sample(text)).tag == "en"
