"""Asks for a group's committed offsets, and notices when the answer is an error.

aiokafka 0.14.0 asks in versions 2 and 3 of the request, whose answer tells an error of the whole group in a field
of its own and then names no partition. aiokafka does not look at that field and takes the group for one that has
never committed: when the coordinator moves, or still loads, in the middle of a rebalance, everything there is would
be treated again from the beginning.
"""

from __future__ import annotations

from typing import Any

from aiokafka.consumer import consumer
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import (
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


def install() -> None:
    """Gives aiokafka's consumers this coordinator; once is enough, again does no harm."""
    consumer.GroupCoordinator = Coordinator
