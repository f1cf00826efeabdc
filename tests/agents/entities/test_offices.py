"""An office belongs to the country beside it, or to the one the article is about."""

from __future__ import annotations

import pytest

from agents.entities.knowledge.kb import Compiled
from agents.entities.linking.explain import explain
from agents.entities.linking.heading import headed
from agents.entities.linking.link import Linker

BESIDE = (
    "New Delhi and Mumbai waited. The Supreme Court of {} ruled on Monday. India will appeal, Indians say."
)
ALONE = "New Delhi and Mumbai waited. The Supreme Court ruled on Monday. India will appeal, Indians say. {}"


@pytest.fixture(scope="module")
def lexicon() -> Compiled:
    return Compiled()


def courts(lexicon: Compiled, text: str, tag: str = "en") -> list[str | None]:
    found = Linker(lexicon).link(text, tag)
    return [one.item.id for one in found if one.item and one.method == "office"]


def test_the_country_beside_it_counts_first(lexicon: Compiled) -> None:
    assert courts(lexicon, BESIDE.format("Brazil")) == [lexicon.by_id("gov:BR:supreme_court").id]  # type: ignore[union-attr]


def test_alone_it_is_the_country_that_the_article_names_above_all(lexicon: Compiled) -> None:
    assert courts(lexicon, ALONE.format("")) == ["gov:IN:supreme_court"]
    [why] = [
        one.why
        for one in explain(Linker(lexicon), lexicon, headed(None, ALONE.format("")), "en")
        if one.method == "office"
    ]
    assert why == "an office alone, of the country that the article names above all others"


def test_where_no_country_leads_it_is_nobodys(lexicon: Compiled) -> None:
    assert courts(lexicon, ALONE.format("Pakistan, Lahore and Karachi disagree; Islamabad too.")) == []
    assert courts(lexicon, "The Supreme Court ruled on Monday.") == []


def test_the_united_states_court_is_found_in_other_languages(lexicon: Compiled) -> None:
    texts = {
        "pl": "Sąd Najwyższy zdecydował. Waszyngton czeka, mówią Stany Zjednoczone. Teksas i Kalifornia też.",
        "lt": "Vašingtone posėdžiavo Aukščiausiasis Teismas. JAV laukia, Kalifornija ir Teksasas taip pat.",
    }
    assert {tag: courts(lexicon, text, tag) for tag, text in texts.items()} == {
        "pl": ["Q11201"],
        "lt": ["Q11201"],
    }
