"""Dari by the words that Iran's Persian has others for."""

from __future__ import annotations

import pytest

from agents.language import decide
from agents.language.dari import leaning
from agents.language.decide import Judge
from agents.language.evidence import sample


@pytest.fixture(scope="module")
def judge() -> Judge:
    return decide.load()


@pytest.mark.parametrize(
    "text",
    [
        "والی بلخ گفت که در ولسوالی چمتال یک مکتب نو و یک شفاخانه افتتاح گردید.",
        "قوماندانی امنیه هرات می‌گوید دو نفر در پیوند به دوسیه اختطاف بازداشت شدند.",
        "قوماندان امنیه بدخشان از کشته شدن سه تن در ولسوالی جرم خبر داد.",
    ],
)
def test_two_words_of_dari_make_it_dari(judge: Judge, text: str) -> None:
    verdict = judge.decide(sample(text))
    assert (verdict.tag, verdict.macro) == ("prs", "fas")


def test_one_word_of_dari_leaves_persian_unsure(judge: Judge) -> None:
    assert not judge.decide(
        sample("رئیس پوهنتون کابل گفت که شاگردان از فردا به صنف‌های خود برمی‌گردند.")
    ).reliable


def test_persian_of_iran_stays_reliable(judge: Judge) -> None:
    for text in (
        "استاندار خراسان رضوی گفت دانشجویان از فردا به کلاس‌ها بازمی‌گردند.",
        "رئیس جمهور ایران گفت دانشگاه تهران هفته آینده تعطیل است و بیمارستان‌ها آماده‌باش هستند.",
    ):
        verdict = judge.decide(sample(text))
        assert (verdict.tag, verdict.reliable) == ("fa", True)


def test_more_than_three_words_say_nothing_new() -> None:
    assert leaning("") == 0
    assert leaning("ولسوالی") == leaning("ولسوالی ولسوالی") == leaning("ولسوالي")
    assert leaning("ولسوالی پوهنتون شفاخانه") == leaning("ولسوالی پوهنتون شفاخانه محصلین سارنوالی")
