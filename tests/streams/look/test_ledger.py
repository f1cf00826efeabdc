"""The books agree with a plain model of them, whatever order outcomes come in."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from schemas.outcomes import OutcomeName, Position
from streams.look.ledger import Balance, Ending, Ledger, identity

ENDINGS: dict[OutcomeName, Ending] = {
    "published": Ending("published", "out"),
    "dropped": Ending("dropped", "clean", "no_text"),
    "rejected": Ending("rejected", "clean", "stage_failed"),
}
FIRST, END = 3, 9

entries = st.lists(
    st.one_of(
        st.tuples(st.just("received"), st.integers(0, 12), st.booleans()),
        st.tuples(st.sampled_from(sorted(ENDINGS)), st.integers(-1, 12), st.sampled_from([b"", b"x"])),
    ),
    max_size=40,
)


def position(offset: int, topic: str = "in") -> Position:
    return Position(topic=topic, partition=0, offset=offset)


@given(entries, st.integers(0, 12), st.booleans())
def test_the_balance_is_what_a_plain_count_gives(
    booked: list[tuple[str, int, bool | bytes]], committed: int, read: bool
) -> None:
    ledger = Ledger({("in", 0): (FIRST, END)})
    inputs: dict[int, bool] = {}
    outcomes: dict[int, dict[str, list[bytes]]] = defaultdict(lambda: defaultdict(list))
    for kind, offset, more in sorted(booked, key=lambda entry: entry[0] != "received"):
        if isinstance(more, bool):
            ledger.received(position(offset), old=more)
            if FIRST <= offset < END:
                inputs[offset] = inputs.get(offset, False) or more
        else:
            ending = ENDINGS[kind]  # type: ignore[index]
            ledger.answered(position(offset), ending, kind, (more,))
            outcomes[offset][kind].append(more)

    balance, missing, conflicting = ledger.balance("in", {("in", 0): committed}, read=read, examples=100)

    answered = {offset for offset in inputs if outcomes[offset]}
    open_ = set(inputs) - answered
    lost = {offset for offset in open_ if offset < committed and not inputs[offset]}
    clashing = {
        offset
        for offset in answered
        if len(outcomes[offset]) > 1 or any(len(set(copies)) > 1 for copies in outcomes[offset].values())
    }
    waiting = sum(offset >= committed for offset in open_)
    assert balance.received == len(inputs)
    assert sum(balance.endings.values()) == len(answered)
    assert {item.offset for item in missing} == lost
    assert {item.offset for item in conflicting} == clashing
    assert (balance.in_flight, balance.stranded) == ((waiting, 0) if read else (0, waiting))
    assert balance.received == sum(balance.endings.values()) + balance.in_flight + balance.stranded + (
        balance.expired + balance.missing + balance.replayed
    )


@given(
    st.lists(st.integers(0, 2), min_size=6, max_size=6),
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2)), max_size=20),
    st.dictionaries(st.integers(3, 5), st.integers(0, 2)),
)
def test_only_what_answers_the_record_that_lies_there_counts_and_copies_answer_for_originals(
    lies: list[int], answers: list[tuple[int, int]], copies: dict[int, int]
) -> None:
    """``lies`` says which record lies at each offset, 0 where nobody knows; ``copies`` names their originals."""
    ledger = Ledger({("in", 0): (0, 6)})
    for offset, record in enumerate(lies):
        ledger.received(position(offset), record=record)
    for copy, original in copies.items():
        ledger.replayed(position(original), position(copy))
    for offset, record in answers:
        ledger.answered(position(offset), ENDINGS["dropped"], "dropped", (b"",), record=record)
    balance, missing, _ = ledger.balance("in", {("in", 0): 6}, read=True, examples=6)
    fitting = [(offset, of) for offset, of in answers if not of or not lies[offset] or of == lies[offset]]
    ended = {offset for offset, _ in fitting}
    again = {original for copy, original in copies.items() if copy in ended} - ended
    assert sum(balance.endings.values()) == len(ended)
    assert balance.earlier_topic == len(answers) - len(fitting)
    assert balance.redelivered == len(fitting) - len(ended)
    assert balance.replayed == len(again)
    assert {item.offset for item in missing} == set(range(6)) - ended - again
    assert balance.received == 6 == len(ended) + balance.replayed + balance.missing


def test_an_identity_is_known_and_tells_records_apart() -> None:
    assert identity(1, "a") == identity(1, "a") != 0
    assert len({identity(1, "a"), identity(1, "b"), identity(2, "a"), identity(1)}) == 4


def test_equal_copies_are_counted_and_the_first_outcome_names_the_ending() -> None:
    ledger = Ledger({("in", 0): (0, 2)})
    ledger.received(position(0))
    for _ in range(3):
        ledger.answered(position(0), ENDINGS["dropped"], "dropped", (b"line",))
    balance, *_ = ledger.balance("in", {}, read=True, examples=0)
    assert balance == Balance(received=1, endings=balance.endings, redelivered=2)
    assert dict(balance.endings) == {ENDINGS["dropped"]: 1}


def test_more_reasons_than_a_byte_can_number_are_counted_together() -> None:
    ledger = Ledger({("in", 0): (0, 400)})
    for offset in range(400):
        ledger.received(position(offset))
        ledger.answered(position(offset), Ending("rejected", "clean", f"r{offset}"), "dead", (b"",))
    balance, *_ = ledger.balance("in", {}, read=True, examples=0)
    assert sum(balance.endings.values()) == 400
    assert balance.endings[Ending("rejected", "", "other")] == 400 - (255 - 3)


def test_records_of_other_topics_and_beyond_the_span_are_left_alone() -> None:
    ledger = Ledger({("in", 0): (5, 6)})
    for where in (
        position(4),
        position(6),
        position(5, "elsewhere"),
        Position(topic="in", partition=1, offset=5),
    ):
        ledger.received(where)
        ledger.answered(where, ENDINGS["published"], "out", (b"",))
    balance, *_ = ledger.balance("in", {}, read=True, examples=0)
    assert (balance.received, balance.redelivered) == (0, 0)
