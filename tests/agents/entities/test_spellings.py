from __future__ import annotations

import pytest

from agents.entities.spelling.fold import key
from agents.entities.spelling.names import family_first, provisional_id, sound
from agents.entities.spelling.spellings import FILE, spelt
from tests.agents.entities.compiling import sources_are_missing


@pytest.mark.parametrize(
    ("written", "latin"),
    [
        ("스콧", "scott"),
        ("布雷特", "brett"),
        ("ロビンソン", "robinson"),
        ("哈里斯", "harris"),
    ],
)
def test_a_name_that_wikidata_has_is_spelt_as_in_latin_letters(written: str, latin: str) -> None:
    assert spelt(key(written)) == latin
    assert sound(key(written)) == sound(latin)


@pytest.mark.parametrize("word", ["कवनॉ", "Кавано", "quenby", "쿠엔비"])
def test_scripts_that_tell_enough_and_names_it_has_not_are_left_as_they_are(word: str) -> None:
    assert spelt(key(word)) == ""


@pytest.mark.parametrize(
    ("english", "written"),
    [
        ("Scott Robinson", "スコット・ロビンソン"),
        ("Scott Robinson", "斯科特·罗宾逊"),
        ("Chris Harris", "크리스 해리스"),
        ("Michael Thompson", "迈克尔·汤普森"),
    ],
)
def test_a_name_has_one_provisional_id_in_scripts_with_fewer_sounds(english: str, written: str) -> None:
    assert provisional_id(key(written).split(" ")) == provisional_id(key(english).split(" "))


@pytest.mark.skipif(
    sources_are_missing(), reason="the knowledge base's sources are not installed (make kb-setup)"
)
def test_the_committed_table_is_what_the_source_gives() -> None:
    from agents.entities.knowledge.sources.person_names import spellings

    listed = dict(spellings())
    assert len(listed) > 150_000
    assert FILE.stat().st_size < 2_000_000
    some = sorted(listed)[::1000]
    assert [spelt(word) for word in some] == [listed[word] for word in some], (
        "run python -m agents.entities.knowledge.build"
    )


@pytest.mark.parametrize(
    ("code", "written", "english"),
    [
        ("zh", "李开复", ["Kaifu", "Lee"]),
        ("zh", "王晓明", ["Wang", "Xiaoming"]),
        ("ko", "김민수", ["Kim", "Minsu"]),
    ],
)
def test_a_name_written_as_one_word_has_its_family_name_first(
    code: str, written: str, english: list[str]
) -> None:
    assert provisional_id(family_first(written, code)) == provisional_id(english)


@pytest.mark.parametrize(
    ("code", "written"), [("zh", "马克龙"), ("ja", "李香蘭"), ("ko", "스피스"), ("zh", "李")]
)
def test_a_foreign_name_of_three_syllables_is_one_word(code: str, written: str) -> None:
    assert family_first(written, code) == [written]
