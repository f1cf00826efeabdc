"""The stage as the runner sees it: any article in, the same article with its language out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agents.language.stage import STAGE
from agents.stage import Emit, Resources
from schemas.article import CleanArticle, Language, TaggedArticle
from tests.agents.language.articles import article

Identify = Callable[[CleanArticle], Language]


@pytest.fixture(scope="session")
def identify() -> Identify:
    process = STAGE.load(Resources())

    def run(given: CleanArticle) -> Language:
        outcome = process(given)
        assert isinstance(outcome, Emit)
        assert isinstance(outcome.article, TaggedArticle)
        return outcome.article.language

    return run


SENTENCES = {
    "de": "Der Bundestag hat am Donnerstag nach langer Debatte das neue Gesetz über die Renten beschlossen.",
    "fr": "Le ministre a annoncé jeudi que les travaux de la nouvelle ligne commenceraient au printemps prochain.",
    "ro": "Guvernul a aprobat joi o nouă lege privind pensiile, după mai multe săptămâni de negocieri între partide.",
    "pt": "O governo anunciou na quinta-feira que as obras da nova linha de metro começam na próxima primavera.",
    "fil": "Inihayag ng pamahalaan noong Huwebes na magsisimula ang paggawa ng bagong tulay sa susunod na taon.",
    "ru": "Правительство объявило в четверг, что строительство нового моста начнётся весной будущего года.",
    "uk": "Уряд оголосив у четвер, що будівництво нового мосту розпочнеться навесні наступного року.",
    "el": "Η κυβέρνηση ανακοίνωσε την Πέμπτη ότι η κατασκευή της νέας γέφυρας θα αρχίσει την άνοιξη.",
    "ja": "政府は木曜日、新しい橋の建設を来年の春に始めると発表した。",
    "ko": "정부는 목요일에 새 다리 건설을 내년 봄에 시작한다고 발표했다.",
    "zh-Hans": "政府周四宣布，新大桥的建设将于明年春天开始，预计三年内完成。",
    "zh-Hant": "政府週四宣布，新大橋的建設將於明年春天開始，預計三年內完成。",
    "hi": "सरकार ने गुरुवार को घोषणा की कि नए पुल का निर्माण अगले वसंत में शुरू होगा।",
    "he": "הממשלה הודיעה ביום חמישי כי בניית הגשר החדש תתחיל באביב הבא.",
}


@pytest.mark.parametrize("tag", SENTENCES)
def test_a_plain_sentence_gets_its_tag_and_is_reliable(identify: Identify, tag: str) -> None:
    language = identify(article(SENTENCES[tag]))
    assert language.tag == tag
    assert language.reliable
    assert 0.9 <= language.confidence <= 1


@pytest.mark.parametrize("text", ["", "   \n ", "12345", "2024-11-30 18:45", "https://news.example/a/1", "😀🔥", "€ £ ¥"])
def test_text_without_language_is_zxx(identify: Identify, text: str) -> None:
    language = identify(article(text))
    assert language.tag == "zxx"
    assert not language.reliable


def test_two_languages_make_two_segments_cut_at_the_line(identify: Identify) -> None:
    text = f"{SENTENCES['ro']}\n{SENTENCES['ro']}\n{SENTENCES['el']}"
    language = identify(article(text))
    cut = text.rindex("\n") + 1
    assert [(part.start, part.end, part.tag) for part in language.segments] == [(0, cut, "ro"), (cut, len(text), "el")]


def test_nothing_but_the_language_is_changed() -> None:
    given = article(SENTENCES["de"], title="Renten", hint="de")
    outcome = STAGE.load(Resources())(given)
    assert isinstance(outcome, Emit)
    for name in CleanArticle.__dataclass_fields__:
        assert getattr(outcome.article, name) == getattr(given, name)
