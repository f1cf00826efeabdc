"""Notices a worker that stands still though there is something to do; it ends, and the supervisor starts it again.

Three signs, none of which a slow stage, back-pressure, a broker that is away or a rebalance shows for so long:

* **An article waits.** It was handed on, its hop is idle, and so it is for a minute.
* **A rebalance does not end.** The group's coordinator is known and has given us our partitions, but nothing flows.
* **The client is broken.** One of aiokafka's own tasks has ended, or waits for somebody to take note of an error.

Time is counted in beats of the loop: a process that was stopped and goes on has not waited meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

WAITING_BEATS = 60
REBALANCING_BEATS = 300
"""Much longer than any rebalance; what holds it up for so long may be a coordinator that loads its offsets."""


class Standstill:
    """Looks at one worker, once a beat (about a second)."""

    def __init__(self, *, waiting: int = WAITING_BEATS, rebalancing: int = REBALANCING_BEATS) -> None:
        """After that many beats without a change something counts as standing still."""
        self._waiting = waiting
        self._rebalancing = rebalancing
        self._beats: dict[str, int] = {}

    def observe(self, app: Any, idle: Collection[str]) -> str | None:
        """Returns what stands still, in words, or None.

        Args:
            app: the worker's app.
            idle: the topics whose hop has no batch in hand.
        """
        signs = dict(self._signs(app, idle))
        self._beats = {sign: self._beats.get(sign, 0) + 1 for sign in signs}
        return next((sign for sign, limit in signs.items() if self._beats[sign] > limit), None)

    def _signs(self, app: Any, idle: Collection[str]) -> Iterator[tuple[str, int]]:
        """Gives each sign there is now, and for how many beats it may be there."""
        consumer = app._consumer
        client = None if consumer is None else consumer._thread._consumer
        if client is None or client._coordinator is None:
            return  # not started yet
        broken = _broken(client)
        if broken is not None:
            yield f"aiokafka's consumer is broken: {broken}", 0
        if consumer.flow_active and not app.rebalancing:
            for tp in consumer.assignment():
                handed = consumer._in_hand(tp)
                if handed and tp.topic in idle:
                    where = f"{tp.topic}, partition {tp.partition}, offset {handed[0].offset}"
                    yield f"an article waits and nobody treats it: {where}", self._waiting
            return
        given = client.assignment() and not client._subscription.reassignment_in_progress
        if given and client._coordinator.coordinator_id is not None:
            yield f"rebalance {app.consumer_generation_id} does not end", self._rebalancing


def _broken(client: Any) -> str | None:
    coordinator = client._coordinator
    if coordinator._pending_exception is not None:
        return repr(coordinator._pending_exception)
    for task in (coordinator._coordination_task, client._fetcher._fetch_task):
        if task.done():
            return "it was ended" if task.cancelled() else repr(task.exception())
    return None
