"""How strange a text is to a language."""

from __future__ import annotations

import pytest

from agents.language.profiles import Profiles, kin, load
from tests.agents.language.articles import SENTENCES

# invented, with the endings and the spelling of Zulu
INVENTED = (
    "Ukuthazwa kwelipheko abambezi batshelwile ukuba ngezophando bakho, kodwa ilanga lomthobisi alisekho "
    "ekuvundleni. Umqondezi wathi bazakwethula ingxobo yabo mhla kunyathelwa."
)


@pytest.fixture(scope="module")
def profiles() -> Profiles:
    return load()


def strangeness(profiles: Profiles, text: str, language: str, score: float = 0.0) -> tuple[float, ...]:
    return profiles.strangeness(profiles.fit(text), profiles.languages.index(language), score)


@pytest.mark.parametrize("language", ["de", "ro", "ru", "el", "fil", "pl"])
def test_a_language_is_no_stranger_to_itself(profiles: Profiles, language: str) -> None:
    assert min(strangeness(profiles, SENTENCES[language], language)) > -2.5


def test_invented_words_with_the_spelling_of_a_language_are_strange_to_it(profiles: Profiles) -> None:
    assert min(strangeness(profiles, INVENTED, "zu")) < -3


def test_a_text_leads_in_its_own_language_and_in_no_other(profiles: Profiles) -> None:
    fit = profiles.fit(SENTENCES["de"])
    assert profiles.lead(fit, profiles.languages.index("de")) > 0
    assert profiles.lead(fit, profiles.languages.index("nl")) < 0


def test_a_low_score_by_cld2_is_strange_and_a_missing_one_says_nothing(profiles: Profiles) -> None:
    usual = float(profiles.usual_score[profiles.languages.index("de")])
    assert usual > 100
    assert strangeness(profiles, SENTENCES["de"], "de", usual)[3] == 0
    assert strangeness(profiles, SENTENCES["de"], "de", usual / 3)[3] < -2
    assert strangeness(profiles, SENTENCES["de"], "de", 0.0)[3] == 0


def test_nothing_is_strange_in_a_text_without_letters(profiles: Profiles) -> None:
    assert strangeness(profiles, "12:30", "de") == (0.0, 0.0, 0.0, 0.0)


def test_siblings_are_of_one_kin_and_strangers_are_not() -> None:
    first, second, third, fourth = kin(("bs", "hr", "de", "nl")).tolist()
    assert first == second
    assert len({first, third, fourth}) == 3
