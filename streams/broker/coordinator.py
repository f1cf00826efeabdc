"""Reads and writes a group's committed offsets with what aiokafka 0.14.0 gets wrong put right.

**Reading.** aiokafka asks in versions 2 and 3 of the request, whose answer tells an error of the whole group in a
field of its own and then names no partition. aiokafka does not look at that field and takes the group for one that
has never committed: when the coordinator moves, or still loads, in the middle of a rebalance, everything there is
would be treated again from the beginning.

**Writing.** aiokafka tries a commit again for as long as it takes, over any number of rebalances: what is written at
last may go back behind what another worker has committed since, or to a new topic of the old one's name, past
articles that nobody has treated. Here a commit is over when the partitions are given out anew.
"""

from __future__ import annotations

from typing import Any

from aiokafka.consumer import consumer
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import (
    CommitFailedError,
    GroupCoordinatorNotAvailableError,
    NoError,
    NotCoordinatorForGroupError,
    for_code,
)
from aiokafka.protocol.commit import OffsetFetchRequest

_MOVED = (GroupCoordinatorNotAvailableError, NotCoordinatorForGroupError)


class Coordinator(GroupCoordinator):  # type: ignore[misc]
    """aiokafka's, which raises what the broker answers; its callers try again where that can help."""

    async def _send_req(self, request: Any) -> Any:
        response = await super()._send_req(request)
        if isinstance(request, OffsetFetchRequest):
            error = for_code(getattr(response, "error_code", NoError.errno))
            if error is not NoError:
                if error in _MOVED:
                    self.coordinator_dead()
                raise error(self.group_id)
        return response

    async def _do_commit_offsets(self, assignment: Any, offsets: Any) -> None:
        if not assignment.active:
            raise CommitFailedError("the group has already rebalanced")  # Faust looks for the last two words
        await super()._do_commit_offsets(assignment, offsets)


def install() -> None:
    """Gives aiokafka's consumers this coordinator; once is enough, again does no harm."""
    consumer.GroupCoordinator = Coordinator
