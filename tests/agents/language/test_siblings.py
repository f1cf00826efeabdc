"""Languages that only a few words tell apart."""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest

from agents.language.ngrams import grams, pairs, plain
from agents.language.profiles import load as load_profiles
from agents.language.profiles import upper
from agents.language.siblings import FAMILIES, GIVEN_STEPS, STEPS, Family, hits, load, save

WORDS = upper(grams(plain("tjedno sedmica"))[1])


def family(*, cue: int, weights: tuple[int, int]) -> Family:
    """A family of two with one cue and two word lists: the first alone knows `tjedno`, the second `sedmica`."""
    order = np.argsort(WORDS)
    return Family(
        ("a", "b"),
        np.array([cue], np.uint32),
        np.array([weights], np.int16),
        WORDS[order],
        np.array([1, 2], np.uint8)[order],
        np.array([[0, 0], [1, -1], [-1, 1], [0, 0]], np.float32),
        np.array([5], np.uint32),
        np.array([[0, -2 * GIVEN_STEPS]], np.int8),
    )


def test_a_cue_counts_for_the_member_that_uses_it() -> None:
    one = family(cue=7, weights=(int(STEPS), 0))
    assert one.evidence(np.array([3, 7], np.uint32), 2) == (0.0, -1.0)


def test_a_word_that_one_list_lacks_counts_damped_by_the_length_of_the_text() -> None:
    one = family(cue=7, weights=(0, 0))
    assert one.evidence(WORDS[:1], 4) == pytest.approx((0.0, -1.0))
    assert one.evidence(WORDS[1:], 4) == pytest.approx((-1.0, 0.0))
    assert one.evidence(WORDS[:1], 1) == pytest.approx((0.0, -2.0))


def test_a_given_weight_counts_damped_by_the_length_of_the_text() -> None:
    one = family(cue=7, weights=(0, 0))
    assert one.evidence(np.array([5], np.uint32), 1) == pytest.approx((0.0, -2.0))
    assert one.evidence(np.array([5], np.uint32), 16) == pytest.approx((0.0, -0.5))


def test_a_family_is_read_as_it_was_written(tmp_path: Path) -> None:
    before = load()["id"]
    save([before], tmp_path / "siblings.npz")
    after = load(tmp_path / "siblings.npz")
    assert set(after) == {"id", "ms"}
    for one, other in zip(astuple(before), astuple(after["ms"]), strict=True):
        assert np.array_equal(one, other)


def test_without_cues_no_member_is_likelier() -> None:
    assert family(cue=7, weights=(9, 0)).evidence(np.empty(0, np.uint32), 0) == (0.0, 0.0)


def test_hits_are_the_places_of_what_the_table_holds() -> None:
    table = np.array([2, 4, 8], np.uint32)
    assert hits(table, np.array([8, 1, 9, 2], np.uint32)).tolist() == [2, 0]
    assert hits(table[:0], table).tolist() == []


def test_two_words_are_a_cue_in_their_order_only() -> None:
    forth, back = (pairs(grams(plain(text))[1]).tolist() for text in ("da li", "li da"))
    assert len(forth) == len(back) == 1
    assert forth != back
    assert forth[0] in pairs(grams(plain("pita se da li dolazi"))[1]).tolist()


@pytest.mark.parametrize(
    ("text", "member"),
    [
        ("Tisuće ljudi čekaju vlak na kolodvoru cijeli tjedan", "hr"),
        ("Hiljade ljudi čekaju voz na stanici celu nedelju", "sr-Latn"),
        ("Uhapšen je čovek zbog pokušaja ubistva, a deca su na sigurnom mestu", "sr-Latn"),
        ("Uhapšen je čovjek zbog pokušaja ubistva, a djeca su na sigurnom mjestu", "bs"),
        ("Uhićen je čovjek zbog pokušaja ubojstva, a djeca su na sigurnom mjestu", "hr"),
        ("Dei veit ikkje korleis det går med kyrkja no", "nn"),
        ("De vet ikke hvordan det går med kirken nå", "nb"),
        ("Syarikat itu berkata ia akan membayar wang kerana kereta rosak", "ms"),
        ("Perusahaan itu mengatakan akan membayar uang karena mobil rusak", "id"),
    ],
)
def test_the_shipped_families_know_their_words(text: str, member: str) -> None:
    one = load()[member]
    fit = load_profiles().fit(text)
    evidence = dict(zip(one.members, one.evidence(fit.cues(), fit.words), strict=True))
    assert max(evidence, key=evidence.__getitem__) == member


def test_every_family_is_shipped() -> None:
    assert {one.members for one in load().values()} == set(FAMILIES)
