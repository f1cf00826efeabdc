"""Faust's Kafka driver with what Faust 0.15.3 gets wrong for us put right.

Each change is proved by a test (``tests/regression/faust_commits/``, ``tests/faults/``):

* **Commits.** Faust commits past messages that a stream holds but has not acknowledged (its issue 606, and its gap
  bookkeeping marks the message after a gap as part of it). Here every message handed to a stream is remembered
  in order, and the committed offset is that of the first one not acknowledged. What a commit that failed should
  have written is not taken for written, and one that comes when its partitions have moved is let go: Faust ends.
* **No flow while going back.** When one rebalance follows another closely, Faust ends the first one by letting
  messages flow in the middle of the second. What then reaches a stream's queue before the second one ends is
  cleared from it and never fetched again: the partition stands still. Here going back stops the flow.
* **Holes are looked at.** Records fetched before a rebalance can reach Faust after it went back to the committed
  offset. It takes the offsets in between for compacted away, and commits past records nobody treated. Here a hole
  is believed only when the broker, asked again from its beginning, still has nothing there.
* **Without a committed offset** a partition goes back to its beginning. Faust leaves it where it is: what was fetched
  in the middle of a rebalance, and let go, is not fetched again until the next record comes.
* **A worker without partitions stays.** aiokafka leaves the group when nothing was fetched for a while, and comes
  back when something is: a worker that waits for another's end would never.
* **A worker that failed ends.** Its thread tells the main loop of each rebalance and waits for an answer, which after
  a failure never comes: Faust stops whoever would give it, then waits a minute for the thread. Here it does not ask.
* **A worker whose broker is away ends.** aiokafka cancels the fetches that wait for the broker, and does not expect
  that they end so: the thread would be gone with a traceback, and Faust would wait for it until the worker is killed.
* **A log that was cut** ends before the committed offset: its broker lost records, and writes others in their place.
  They are treated, from the beginning of the log. Offsets alone would make them old copies, to be passed over.
* **Drain.** Faust makes four asyncio tasks per message to be able to stop in between; here a message costs
  none (CPU per message 330-375 us -> 183-204 us, measured in the study that came before this project).
* **Fetch wait** is a setting. Faust fixes it at 1.5 s, which the embedded broker turns into half a second of
  latency at every hop.

The clients themselves are built from :mod:`streams.broker.kafka`, so TLS and logins have one place.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Coroutine, Mapping
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, Message

from streams.broker import kafka
from streams.settings import Settings

log = structlog.get_logger(__name__)

_YIELD_EVERY = 100
_LOOK_SECONDS = 0.2
_LARGE = 1 << 20
_MOST_HELD = 128 << 20
"""Bytes of records a worker holds before it waits with taking another large one."""
_YEARS_MS = 10 * 365 * 86_400_000


class _Thread(driver.AIOKafkaConsumerThread):
    """The thread that talks to Kafka: fetches, heartbeats, commits."""

    def _create_worker_consumer(self, transport: driver.Transport) -> AIOKafkaConsumer:
        settings = _settings(transport)
        session_ms = int(settings.session_timeout * 1000)
        self._assignor = RoundRobinPartitionAssignor
        return AIOKafkaConsumer(
            **kafka.connection(settings),
            group_id=self.app.conf.id,
            partition_assignment_strategy=[RoundRobinPartitionAssignor],
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_poll_records=self.app.conf.broker_max_poll_records,
            # Back-pressure and having no partition both mean not to poll; who hangs is ended by the supervisor.
            max_poll_interval_ms=_YEARS_MS,
            max_partition_fetch_bytes=1 << 20,
            fetch_max_bytes=16 << 20,
            fetch_max_wait_ms=int(settings.fetch_wait * 1000),
            request_timeout_ms=max(40_000, session_ms + 5_000),
            session_timeout_ms=session_ms,
            rebalance_timeout_ms=max(session_ms, 30_000),
            heartbeat_interval_ms=max(200, session_ms // 4),
            metadata_max_age_ms=30_000,
        )

    async def on_thread_stop(self) -> None:
        """Closes the client, also while its broker is away."""
        try:
            await super().on_thread_stop()
        except asyncio.CancelledError:
            assert self._consumer is not None
            await self._consumer._client.close()

    async def seek_to_committed(self) -> Mapping[TP, Any]:
        """Goes back to the committed offsets, and to the beginning where there is none."""
        found: Mapping[TP, Any] = await self.call_thread(self._seek_to_committed)
        return found

    async def _seek_to_committed(self) -> Mapping[TP, int | None]:
        client = self._ensure_consumer()
        wanted = list(client.assignment())
        committed = await client._coordinator.fetch_committed_offsets(wanted)
        found = {tp: committed[tp].offset if tp in committed else None for tp in wanted}
        for tp, offset in found.items():
            if tp in client.assignment():
                client.seek(tp, offset or 0)  # below the log's beginning this ends there: auto_offset_reset
        return found

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        held = self.assignment()
        offsets = {tp: offset for tp, offset in offsets.items() if tp in held}
        return bool(offsets) and bool(await super()._commit(offsets))

    async def go_back(self, tp: TP, offset: int) -> None:
        """Fetches ``tp`` again from ``offset``, unless a rebalance has moved it meanwhile."""
        await self.call_thread(self._go_back, tp, offset, self.app.consumer_generation_id)

    async def _go_back(self, tp: TP, offset: int, generation: int) -> None:
        client = self._ensure_consumer()
        same = self.app.consumer_generation_id == generation and self.consumer.flow_active
        if same and tp in client.assignment():
            client.seek(tp, offset)


class _Consumer(driver.Consumer):
    _thread: _Thread

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._passed: dict[TP, int] = {}
        self._looked: dict[TP, int] = {}
        self._gone_back = 0
        self._handed: defaultdict[TP, deque[Message]] = defaultdict(deque)

    def _new_consumer_thread(self) -> _Thread:
        return _Thread(self, loop=self.loop, beacon=self.beacon)

    async def threadsafe_partitions_revoked(self, receiver_loop: Any, revoked: set[TP]) -> None:
        """Tells the main loop, from the thread, which partitions go."""
        await self._unless_failed(super().threadsafe_partitions_revoked(receiver_loop, revoked))

    async def threadsafe_partitions_assigned(
        self, receiver_loop: Any, assigned: set[TP], generation_id: int = 0
    ) -> None:
        """Tells the main loop, from the thread, which partitions come."""
        await self._unless_failed(
            super().threadsafe_partitions_assigned(receiver_loop, assigned, generation_id)
        )

    async def _unless_failed(self, telling: Coroutine[Any, Any, None]) -> None:
        told = asyncio.ensure_future(telling)
        while not told.done() and not self.crashed:
            await asyncio.wait([told], timeout=_LOOK_SECONDS)
        if told.done():
            told.result()
        else:
            told.cancel()

    def _new_offset(self, tp: TP) -> int | None:
        # Faust's notes of what was acknowledged only say now that there is something to commit.
        self._acked[tp].clear()
        self._acked_index[tp].clear()
        handed = self._in_hand(tp)
        if handed:
            return int(handed[0].offset)
        passed = self._passed.get(tp)
        return None if passed is None else passed + 1

    def _in_hand(self, tp: TP) -> deque[Message]:
        handed = self._handed[tp]
        while handed and handed[0].acked:
            handed.popleft()
        return handed

    async def _commit_offsets(self, offsets: Mapping[TP, int], start_new_transaction: bool = True) -> bool:
        times, held = self._gone_back, self.assignment()
        offsets = {tp: offset for tp, offset in offsets.items() if tp in held}
        if not offsets or not await self._commit(offsets):
            return False
        if times == self._gone_back:
            self._committed_offset.update(offsets)
            self.app.monitor.on_tp_commit(offsets)
        return True

    async def perform_seek(self) -> None:
        """Goes back to the committed offsets; nothing flows until Faust resumes the flow."""
        self._gone_back += 1
        self.stop_flow()
        self.app.flow_control.suspend()
        for state in (self._passed, self._looked, self._handed):
            state.clear()
        await super().perform_seek()

    async def _drain_messages(self, fetcher: Any) -> None:
        read_offset = self._read_offset
        count = 0
        try:
            while not (self._stopped.is_set() or fetcher._stopped.is_set()):
                await self.sleep(0)
                if self.should_stop:
                    break
                elsewhere: set[TP] = set()
                async for tp, message in self.getmany(timeout=1.0):
                    count += 1
                    if count % _YIELD_EVERY == 0:
                        await asyncio.sleep(0)
                    if len(message.value or b"") > _LARGE:
                        await self._until_there_is_room(fetcher)
                    if self.suspend_flow.is_set() or message.generation_id != self.app.consumer_generation_id:
                        break  # a rebalance: what was fetched will be fetched again
                    offset = message.offset
                    wanted = self._wanted(tp)
                    if wanted is not None and offset < wanted and self._was_cut(tp, wanted):
                        wanted = self._begin_anew(tp, offset)
                    if wanted is None or tp in elsewhere or offset < wanted:
                        continue  # fetched before we went back
                    if offset > wanted and self._looked.get(tp) != wanted:
                        self._looked[tp] = wanted
                        elsewhere.add(tp)
                        await self._thread.go_back(tp, wanted)
                        continue
                    # Before the callback: a seek while it waits must win.
                    read_offset[tp] = self._passed[tp] = offset
                    self._in_hand(tp).append(message)
                    await self.callback(message)
        except self.consumer_stopped_errors:
            if not self.transport.app.should_stop:
                raise
        except asyncio.CancelledError:
            if not self.transport.app.should_stop:
                raise

    def _was_cut(self, tp: TP, wanted: int) -> bool:
        end: int | None = self.highwater(tp)
        return end is not None and end < wanted

    def _begin_anew(self, tp: TP, offset: int) -> int:
        log.warning("log_cut", topic=tp.topic, partition=tp.partition, wanted=self._wanted(tp), begins=offset)
        for state in (self._passed, self._looked, self._handed, self._committed_offset):
            state.pop(tp, None)
        self._read_offset[tp] = offset
        return offset

    def _wanted(self, tp: TP) -> int | None:
        """Returns the offset that comes next; none between losing a partition and going back to its offset.

        Faust keeps the last offset read, but after going back the next one to read.
        """
        if tp not in self._read_offset:
            return None
        last: int | None = self._read_offset[tp]
        if last is None:
            return 0
        return last + 1 if self._passed.get(tp) == last else last

    async def _until_there_is_room(self, fetcher: Any) -> None:
        """Waits while what is held is more than memory should hold; queues are bounded in records, not in bytes."""
        while not (self._stopped.is_set() or fetcher._stopped.is_set() or self.suspend_flow.is_set()):
            held = (message for tp in self._handed for message in self._in_hand(tp) if not message.acked)
            if sum(len(message.value or b"") for message in held) < _MOST_HELD:
                return
            await asyncio.sleep(0.05)


class _Producer(driver.Producer):
    """Faust insists on a producer of its own; ours (:mod:`streams.broker.publish`) does the work."""

    def _new_producer(self, transactional_id: str | None = None) -> AIOKafkaProducer:
        return AIOKafkaProducer(**kafka.connection(_settings(self.transport)))


class Transport(driver.Transport):
    """The transport a babelwire app is given."""

    Consumer = _Consumer
    Producer = _Producer

    def __init__(self, settings: Settings, *args: Any, **kwargs: Any) -> None:
        """Remembers the settings the clients are built from."""
        self.settings = settings
        super().__init__(*args, **kwargs)


def _settings(transport: object) -> Settings:
    assert isinstance(transport, Transport)
    return transport.settings
