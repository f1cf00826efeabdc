"""A real Kafka, the ``babelwire worker`` command, and what came out of it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import signal
import subprocess
import time
import urllib.request
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import psutil
from aiokafka.errors import KafkaError

from schemas import topics
from schemas.cloudevents import header
from schemas.errors import BrokerError
from schemas.outcomes import INPUT_HEADER
from streams.broker import kafka as clients
from streams.broker import provision, records
from streams.settings import Settings, load
from tests.command import BABELWIRE, environment

FUSED = "clean + language + entities"
STAGED = "clean | language | entities"

_SENTENCES = (
    "The foreign minister met her colleague in Geneva and spoke about grain, case {n}.",
    "Der Kanzler reiste am Montag nach Warschau, um über Energie zu sprechen, Akte {n}.",
    "Le président a reçu la délégation à Dakar pour parler de la pêche, dossier {n}.",
    "Ministrul de externe a discutat la Chișinău despre granițe, dosarul {n}.",
    "El gobierno anunció en Lima un plan para los puertos del sur, expediente {n}.",
    "Министр прибыл в Астану на переговоры о железной дороге, дело {n}.",
    "Il sindaco di Torino ha incontrato i sindacati per il nuovo stabilimento, pratica {n}.",
    "Binisita ng pangulo ang Cebu upang suriin ang mga bagong paaralan, kaso {n}.",
)


def article(number: int) -> tuple[bytes, bytes]:
    """Returns key and value of one of the articles: most good, one in 100 not JSON, one in 100 without text."""
    key = f"article-{number:06d}".encode()
    if number % 100 == 17:
        return key, b'{"content": "cut off'
    if number % 100 == 53:
        return key, orjson.dumps({"id": key.decode(), "content": " \n\t "})
    text = _SENTENCES[number % len(_SENTENCES)].format(n=number)
    return key, orjson.dumps({"id": key.decode(), "content": text, "source": "rig.example"})


def expected(number: int) -> str:
    """Returns the outcome that article ``number`` must have."""
    return {17: "rejected", 53: "dropped"}.get(number % 100, "published")


@dataclass(slots=True)
class Outcomes:
    """What is on the output topics, keyed."""

    kinds: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    event_ids: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    bodies: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    copies: int = 0

    def problems(self, count: int) -> list[str]:
        """Says everything that is wrong; empty when every article has its one outcome."""
        found: Counter[str] = Counter()
        for number in range(count):
            key = article(number)[0].decode()
            kinds = self.kinds.get(key, set())
            if not kinds:
                found["lost"] += 1
            elif kinds != {expected(number)}:
                found[f"expected {expected(number)}, got {sorted(kinds)}"] += 1
            if len(self.event_ids.get(key, ())) > 1:
                found["two event ids for one article"] += 1
        found["one event id with two bodies"] += sum(len(bodies) > 1 for bodies in self.bodies.values())
        found["articles nobody sent"] += len(self.kinds) - count if len(self.kinds) > count else 0
        return [f"{text}: {number}" for text, number in found.items() if number]


class Rig:
    """One installation on one Kafka, with workers that can be killed."""

    def __init__(
        self, bootstrap: str, folder: Path, *, topology: str, processes: int = 2, **more: object
    ) -> None:
        self.folder = folder
        self.settings: Settings = load(
            {
                "bootstrap_servers": bootstrap,
                "topology": topology,
                "processes": processes,
                "recognition": "rules",  # the fastest form: what is proved here is the stream
                "partitions": 4,
                "data_dir": str(folder / "data"),
                "metrics_port": 0,
                "session_timeout": 6,
                "topic_prefix": f"t{random.getrandbits(40):x}.",
                **more,
            },
            environ={},
        )
        self._command: subprocess.Popen[bytes] | None = None
        self._address = ""
        self._log = folder / "worker.log"

    @property
    def address(self) -> str:
        """Address of the workers' metrics, for example ``http://127.0.0.1:9464``."""
        return self._address

    async def provision(self) -> None:
        """Creates the topics."""
        await provision.apply(self.settings, (await provision.plan(self.settings)).changes)

    def start(self) -> None:
        """Starts the worker command and waits for its address."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            begin = log.tell()
            self._command = subprocess.Popen(
                [BABELWIRE, "worker"],
                env=self._environment(),
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            for line in self._log.read_bytes()[begin:].decode("utf-8", "replace").splitlines():
                if "/metrics" in line and "http://" in line:
                    self._address = line[line.index("http://") :].split("/metrics")[0]
                    return
            if self._command.poll() is not None:
                break
            time.sleep(0.1)
        raise AssertionError(f"the worker did not start: {self.log_end()}")

    def stop(self, timeout: float = 40) -> int:
        """Stops the workers as an operator does (SIGTERM) and returns the exit code."""
        assert self._command is not None
        self._command.send_signal(signal.SIGTERM)
        return self._command.wait(timeout)

    def close(self) -> None:
        """Ends whatever still runs."""
        if self._command is not None and self._command.poll() is None:
            self._command.terminate()
            try:
                self._command.wait(40)
            except subprocess.TimeoutExpired:
                self._command.kill()
                self._command.wait()

    def log_end(self, size: int = 3000) -> str:
        """Returns the last of what the workers logged."""
        return self._log.read_text("utf-8", "replace")[-size:]

    def logged(self, event: str) -> int:
        """Returns how many log lines tell of ``event``."""
        return self._log.read_text("utf-8", "replace").count(f'"{event}"')

    def _get(self, path: str) -> str:
        try:
            with urllib.request.urlopen(self._address + path, timeout=30) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            return error.read().decode()

    def workers(self) -> list[dict[str, object]]:
        """Returns what ``/readyz`` says of each worker."""
        return list(json.loads(self._get("/readyz"))["workers"])

    def metrics(self) -> str:
        """Returns what ``/metrics`` shows."""
        return self._get("/metrics")

    def metric(self, name: str, **labels: str) -> float:
        """Returns the sum of the samples of ``name`` that carry ``labels``."""
        total = 0.0
        for line in self.metrics().splitlines():
            if line.startswith((f"{name}{{", f"{name} ")) and all(
                f'{key}="{value}"' in line for key, value in labels.items()
            ):
                total += float(line.rsplit(" ", 1)[1])
        return total

    def pids(self) -> list[int]:
        """Returns the process ids of the running workers."""
        return [int(str(worker["pid"])) for worker in self.workers() if worker["pid"]]

    async def ready(self, timeout: float = 90, *, other_than: Collection[int] = ()) -> None:
        """Waits until every worker holds its partitions, and none is one of the processes that were killed.

        Without naming those, a supervisor that has not noticed yet would call them ready.
        """
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            workers = await asyncio.to_thread(self.workers)
            if workers and all(worker["ready"] and worker["pid"] not in other_than for worker in workers):
                return
            await asyncio.sleep(0.2)
        raise AssertionError(f"workers not ready: {self.workers()} {self.log_end()}")

    def kill_one(self, choose: Callable[[Sequence[int]], int], timeout: float = 90) -> int:
        """Kills a running worker with SIGKILL, as soon as there is one, and returns its process id."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if pids := self.pids():
                pid = choose(pids)
                with contextlib.suppress(psutil.NoSuchProcess):
                    found = psutil.Process(pid)
                    if found.status() != psutil.STATUS_ZOMBIE:  # else the supervisor has not noticed yet
                        found.kill()
                        return pid
            time.sleep(0.2)
        raise AssertionError(f"no worker to kill: {self.log_end()}")

    async def feed(self, numbers: Sequence[int], *, per_second: float | None = None) -> None:
        """Sends articles to the raw topic, each with one timestamp however often it is sent again."""
        raw = self.settings.topic(topics.RAW.name)
        started = time.monotonic()
        pending = list(numbers)
        stamps = {number: int(time.time() * 1000) for number in pending}
        while pending:
            try:
                async with clients.producer(self.settings) as producer:
                    while pending:
                        batch, rest = pending[:200], pending[200:]
                        confirmations = []
                        for number in batch:
                            key, value = article(number)
                            confirmations.append(
                                await producer.send(raw, value, key=key, timestamp_ms=stamps[number])
                            )
                        await asyncio.gather(*confirmations)
                        pending = rest
                        if per_second is not None:
                            done = len(numbers) - len(pending)
                            await asyncio.sleep(max(0.0, started + done / per_second - time.monotonic()))
            except (KafkaError, OSError, BrokerError):
                await asyncio.sleep(0.5)

    async def outcomes(self) -> Outcomes:
        """Reads all outcomes there are now."""
        found = Outcomes()
        settings = self.settings
        kinds = {
            settings.topic(topics.ENRICHED.name): "published",
            settings.topic(topics.DROPPED.name): "dropped",
            settings.topic(topics.DEAD_LETTERS.name): "rejected",
        }
        seen: set[str] = set()
        async for record in records.scan(settings, kinds):
            key = (record.key or b"").decode()
            found.kinds[key].add(kinds[record.topic])
            event = header(record.headers, "ce_id")
            if event is not None:
                found.event_ids[key].add(event)
                found.bodies[event].add(hash(record.value))
            answers = header(record.headers, INPUT_HEADER)
            found.copies += answers in seen
            seen.add(str(answers))
        return found

    async def settled(self, count: int, timeout: float) -> Outcomes:
        """Waits until ``count`` articles have an outcome, then returns all of them; fails after ``timeout`` s."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                found = await self.outcomes()
            except (BrokerError, KafkaError):  # not back yet
                found = Outcomes()
            if len(found.kinds) >= count:
                return found
            if time.monotonic() > deadline:
                raise AssertionError(
                    f"after {timeout} s: {len(found.kinds)} of {count}; {found.problems(count)}; {self.log_end()}"
                )
            await asyncio.sleep(1)

    async def whole(self, count: int, timeout: float) -> Outcomes:
        """Waits for the outcomes of articles 0 to ``count``; fails unless each has its one, and the audit agrees."""
        found = await self.settled(count, timeout)
        problems = found.problems(count)
        assert problems == [], problems
        await self.audited()
        return found

    async def audited(self) -> None:
        """Fails unless ``babelwire audit`` finds an outcome for everything."""
        code, text = await asyncio.to_thread(self.audit)
        assert code == 0, text

    def babelwire(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """Runs a command of this installation as an operator does."""
        return subprocess.run(
            [BABELWIRE, *arguments],
            env=self._environment(),
            capture_output=True,
            timeout=300,
            check=False,
        )

    def audit(self) -> tuple[int, str]:
        """Runs ``babelwire audit`` and returns its exit code and output."""
        done = self.babelwire("audit", "--wait", "60")
        return done.returncode, (done.stdout + done.stderr).decode()

    def _environment(self) -> dict[str, str]:
        return environment(**self.settings.environment())


@asynccontextmanager
async def running(bootstrap: str, folder: Path, *, topology: str, **more: Any) -> AsyncIterator[Rig]:
    """A rig with its topics created and its workers ready."""
    rig = Rig(bootstrap, folder, topology=topology, **more)
    await rig.provision()
    try:
        await asyncio.to_thread(rig.start)
        await rig.ready()
        yield rig
    finally:
        await asyncio.to_thread(rig.close)
