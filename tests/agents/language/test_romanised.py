"""Languages of other scripts as people type them in Latin letters: never taken for sure for a wrong language."""

from __future__ import annotations

import pytest

from agents.language import decide
from agents.language.decide import Judge
from agents.language.evidence import sample

ROMANISED = {
    "hi": "sarkar ne aaj kaha ki naye niyam agle mahine se poore desh mein lagu honge aur logon ko bataya jayega",
    "ur": "wazir-e-azam ne kaha hai ke awam ko sasti bijli di jaye gi aur naye school bhi banaye jayen ge",
    "pa": "sarkar ne ajj keha ki nave niyam agle mahine ton sare desh vich lagu honge te lokan nu dassia javega",
    "bn": "sorkar aj boleche je notun niyom agami mash theke sara deshe chalu hobe ar manushke age janano hobe",
    "ta": "arasu indru pudhiya vidhigal adutha maadham mudhal naadu muzhuvadhum amalukku varum endru arivithathu",
    "te": "prabhutvam ee roju kotta niyamalu vacche nela nunchi desham anta amaluloki vastayani prakatinchindi",
    "ne": "sarkarle aaja naya niyam agami mahina dekhi desh bhari lagu hune batayo ra sabailai jankari dine bhayo",
    "ar": "el 7okouma 2alet elyom enno el as3ar ra7 tenzel el shahr el jey w el nas lezem ma t5af",
    "fa": "dolat emruz elam kard ke ghavanin jadid az mah ayande dar sarasar keshvar ejra mishavad",
    "he": "hamemshala hodia hayom shehakelalim hachadashim yikansu letokef bachodesh haba bechol haaretz",
    "el": "i kivernisi anakoinose simera oti tha meiothoun oi foroi apo ton epomeno mina gia oles tis oikogeneies",
    "ru": "pravitelstvo segodnya obyavilo chto novye pravila vstupyat v silu so sleduyushchego mesyatsa vezde",
    "uk": "uriad siohodni oholosyv shcho novi pravyla nabudut chynnosti z nastupnoho misiatsia po vsii kraini",
    "bg": "pravitelstvoto obyavi dnes che novite pravila vlizat v sila ot sledvashtiya mesets v tsyalata strana",
    "mk": "vladata denes objavi deka novite pravila ke stapat vo sila od sledniot mesec vo celata zemja",
    "ka": "mtavrobam dghes ganatskhada rom akhali tsesebi momavali tvidan shevida dzalashi mtel kveqanashi",
    "hy": "karavarutyune aysor haytararets vor nor kanonnere kgortsen hajord amsits amboghj yerkrum",
    "ja": "seifu wa kyou atarashii kisoku ga raigetsu kara hajimaru to happyou shimashita",
    "zh": "zhengfu jintian xuanbu xin de guize jiang cong xia ge yue kaishi zai quanguo shixing",
    "ko": "jeongbuneun oneul saeroun gyuchigi daeum dalbuteo jeonguk eseo sijakdoendago balpyohaetda",
}


@pytest.fixture(scope="module")
def judge() -> Judge:
    return decide.load()


@pytest.mark.parametrize("language", ROMANISED)
def test_romanised_text_is_reliable_under_its_own_name_only(judge: Judge, language: str) -> None:
    text = ROMANISED[language]
    for typed in (text, f"{text.capitalize()}.", text.upper()):
        verdict = judge.decide(sample(typed))
        assert not verdict.reliable or verdict.tag == f"{language}-Latn"


@pytest.mark.parametrize("language", ["ru", "el", "ja", "zh"])
def test_romanised_text_that_a_detector_knows_gets_its_tag(judge: Judge, language: str) -> None:
    assert judge.decide(sample(ROMANISED[language])).tag == f"{language}-Latn"
