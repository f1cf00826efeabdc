"""What the recogniser takes for names: words with a capital for opening a sentence, names with a small prefix."""

from __future__ import annotations

import pytest

from agents.entities.stage import STAGE
from agents.stage import Emit, Process, Resources
from schemas.article import EnrichedArticle
from tests.agents.entities.articles import tagged


@pytest.fixture(scope="module")
def process() -> Process:
    return STAGE.load(Resources(recognition="model"))


def surfaces(process: Process, text: str, tag: str) -> list[str]:
    outcome = process(tagged(text, tag))
    assert isinstance(outcome, Emit)
    assert isinstance(outcome.article, EnrichedArticle)
    return [mention.text for mention in outcome.article.mentions]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("El a fost prins de polițiști la Cluj.", ["Cluj"]),
        ("Bărbatul, în vârstă de 40 de ani, este din Cluj.", ["Cluj"]),
        ("Ofițerii l-au dus la Iași. Șoferul a fugit.", ["Iași"]),
        ("Coordonatorul țintește dispersarea fondurilor la Brașov.", ["Brașov"]),
        ("Femeia a plecat la Arad. Un martor spune că femeia era singură.", ["Arad"]),
    ],
)
def test_a_word_that_opens_a_sentence_is_nobody(process: Process, text: str, left: list[str]) -> None:
    assert surfaces(process, text, "ro") == left


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Mircescu a marcat de două ori la Cluj.", "Mircescu"),
        ("Brâncoveanul a vorbit la Cluj, spune Radu Brâncoveanul.", "Brâncoveanul"),
    ],
)
def test_a_name_that_opens_a_sentence_stays(process: Process, text: str, first: str) -> None:
    assert surfaces(process, text, "ro")[0] == first


@pytest.mark.parametrize(
    ("tag", "text", "name"),
    [
        ("en", "Sales at eBay rose.", "eBay"),
        ("en", "The vacuum maker iRobot agreed to the sale.", "iRobot"),
        ("zu", "Umongameli uTrump ukhulume eGoli.", "Trump"),
        ("ga", "Tá rialtas na hÉireann ag caint.", "hÉireann"),
    ],
)
def test_a_prefix_written_small_is_no_name(process: Process, tag: str, text: str, name: str) -> None:
    found = surfaces(process, text, tag)
    assert name in found
    assert not {one for one in found if len(one) == 1}
