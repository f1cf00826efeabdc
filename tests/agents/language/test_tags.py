"""Names of languages: detectors', ours, BCP 47."""

from __future__ import annotations

import pytest

from agents.language.tags import canonical, declared, in_script, tag, usual_script, written_in


@pytest.mark.parametrize(
    ("label", "ours"),
    [
        ("no", "nb"),
        ("iw", "he"),
        ("tl", "fil"),
        ("jw", "jv"),
        ("kmr", "ku"),
        ("de", "de"),
        ("tlh", None),
        ("xx-Goth", None),
    ],
)
def test_labels_are_brought_to_one_name(label: str, ours: str | None) -> None:
    assert canonical(label) == ours


@pytest.mark.parametrize(
    ("language", "script", "expected"),
    [
        ("de", "Latn", "de"),
        ("sr", "Cyrl", "sr"),
        ("sr-Latn", "Latn", "sr-Latn"),
        ("uz", "Latn", "uz"),
        ("uz", "Cyrl", "uz-Cyrl"),
        ("az", "Arab", "az-Arab"),
        ("zh-Hant", "Hani", "zh-Hant"),
        ("ja", "Jpan", "ja"),
        ("ko", "Kore", "ko"),
        ("prs", "Arab", "prs"),
        ("und", "Latn", "und"),
        ("zxx", "Zyyy", "zxx"),
    ],
)
def test_a_tag_names_the_script_only_where_it_is_unusual(language: str, script: str, expected: str) -> None:
    assert tag(language, script) == expected


def test_one_label_can_mean_two_candidates() -> None:
    assert in_script("zh", "Hani") == ("zh-Hans", "zh-Hant")
    assert in_script("sr", "Latn") == ("sr-Latn",)
    assert in_script("sr", "Cyrl") == ("sr",)
    assert in_script(None, "Latn") == ()


@pytest.mark.parametrize(
    ("value", "candidates"),
    [
        ("de", {"de"}),
        ("de-AT", {"de"}),
        ("en_US", {"en"}),
        ("zh-TW", {"zh-Hant"}),
        ("zh_hans_SG", {"zh-Hans"}),
        ("zh", {"zh-Hans", "zh-Hant"}),
        ("sr-latn-RS", {"sr-Latn"}),
        ("sr", {"sr", "sr-Latn"}),
        ("no", {"nb", "nn"}),
        ("sh", {"bs", "hr", "sr-Latn"}),
        ("tl-PH", {"fil"}),
        ("und", set()),
        ("x", set()),
        ("english", set()),
        ("", set()),
        (None, set()),
    ],
)
def test_a_declaration_is_read_as_the_candidates_it_allows(value: str | None, candidates: set[str]) -> None:
    assert declared(value) == candidates


def test_scripts_of_a_language() -> None:
    assert usual_script("ru") == "Cyrl"
    assert usual_script("no-such") == "Latn"
    assert written_in("ja", "Hani")
    assert written_in("kk", "Arab")
    assert not written_in("ru", "Latn")
    assert written_in("ru-Latn", "Latn")
    assert not written_in("sr-Latn", "Cyrl")
