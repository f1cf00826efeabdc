"""Faults on a real installation: the right alert is told, then told to be over, and no other is.

The rules are the repository's in their short form, the routes and inhibitions are the repository's; the broker, the
workers, Prometheus and Alertmanager are real.
"""

from __future__ import annotations

import math
import operator
import time
from pathlib import Path

import psutil
import pytest

from ops import generate
from tests.faults.rig import FUSED
from tests.kafka.cluster import KafkaCluster
from tests.ops.installed import Installed, installed

FORM = generate.Form(traffic=150, process=20, floor=15, volume=8, freshness_seconds=30, interval=1)
PARTITIONS = 3
"""For two workers: the one that is frozen holds the third of them, the other two go on."""


@pytest.mark.lasts(185)
@pytest.mark.kafka
@pytest.mark.faults
@pytest.mark.timeout(600)
def test_each_fault_is_told_and_told_to_be_over_and_nothing_else_is(
    kafka_fresh: KafkaCluster, tmp_path: Path
) -> None:
    begun = time.monotonic()
    with installed(
        kafka_fresh.bootstrap,
        tmp_path,
        FORM,
        topology=FUSED,
        processes=2,
        partitions=PARTITIONS,
        stage_timeout=600,  # or the worker would end the process that stands still, and all would flow again
    ) as here:
        _tell(begun, "installed")
        frozen = _freeze_a_stage_process(here)
        _flowing(here)
        _tell(begun, "flowing but for a partition")
        assert here.oncall.fired() == set()

        _silence_a_language_and_poison_a_source(here)
        _tell(begun, "language silenced, source poisoned")
        told = {"BabelwireDeadLetterBurst", "BabelwireLanguageSilent", "BabelwirePartitionStuck"}
        _the_partition_is_told(here)
        assert here.oncall.fired() == told
        _tell(begun, "partition stuck")

        # What waited is late: the second alert of this fault, told once the first, its cause, is over.
        _thaw(here, frozen)
        told |= {"BabelwireFreshnessBudgetBurn"}
        assert here.oncall.fired() == told
        _tell(begun, "articles late")

        _kill_workers(here)
        told |= {"BabelwireWorkerCrashLoop"}
        assert here.oncall.fired() == told
        _tell(begun, "workers killed")

        _stop_the_broker(here, kafka_fresh)
        _tell(begun, "broker stopped")
        _nothing_is_missing(here)
        _tell(begun, "audited")
        assert here.oncall.fired() == told | {"BabelwireBrokerAway"}, here.oncall.calls
        print(
            f"told: {[(status, name) for status, name, _ in here.oncall.calls]}; {here.feeder.sent} articles sent"
        )


def _tell(begun: float, what: str) -> None:
    print(f"{time.monotonic() - begun:6.1f} s: {what}")


def _flowing(here: Installed) -> None:
    """Waits until every language has enough articles to be missed."""
    needed = 240 / FORM.volume + 10
    deadline = time.monotonic() + 150
    # As the rule counts: what rose between scrapes, not what was there at the first.
    enriched = (
        "min(sum by (lang) (increase(babelwire_end_to_end_duration_seconds_count{lang=~'de|fr|es'}[10m])))"
    )
    while not (count := here.prometheus.value(enriched)) > needed:
        assert time.monotonic() < deadline, f"only {count} articles: {here.rig.log_end()}"
        time.sleep(1)
    assert math.isfinite(here.prometheus.value("sum(babelwire_unaccounted_articles)"))


def _freeze_a_stage_process(here: Installed) -> list[psutil.Process]:
    """Stops what treats the articles of one worker; the worker goes on, and so does the other."""
    deadline = time.monotonic() + 60
    committed = f"count(babelwire_partition_committed_offset > 0) == {PARTITIONS}"
    while not here.prometheus.query(committed):
        assert time.monotonic() < deadline, here.rig.log_end()
        time.sleep(0.3)
    smallest = min(here.rig.workers(), key=lambda worker: int(str(worker["partitions"])))
    assert smallest["partitions"] == 1
    processes = psutil.Process(int(str(smallest["pid"]))).children(recursive=True)
    for process in processes:
        process.suspend()
    return processes


def _the_partition_is_told(here: Installed) -> None:
    here.oncall.wait("firing", "BabelwirePartitionStuck", 90, here.prometheus)
    stuck = {
        labels["partition"] for _, name, labels in here.oncall.calls if name == "BabelwirePartitionStuck"
    }
    assert len(stuck) == 1
    [partition] = stuck
    # Its worker lives and holds it, the other partitions move: nothing else would tell.
    assert all(worker["ready"] for worker in here.rig.workers())
    moves = "changes(babelwire_partition_committed_offset[20s]) > 0"
    moving = {sample["metric"]["partition"] for sample in here.prometheus.query(moves)}
    assert moving == {str(number) for number in range(PARTITIONS)} - {partition}


def _thaw(here: Installed, frozen: list[psutil.Process]) -> None:
    for process in frozen:
        process.resume()
    here.oncall.wait("resolved", "BabelwirePartitionStuck", 30, here.prometheus)
    # Of the pairs of windows in this form, 1h's may be over while the stuck partition still silences it (2 s), the
    # tickets' stay burnt for the rest of the test (48 and 144 s).
    here.oncall.wait("firing", "BabelwireFreshnessBudgetBurn", 30, here.prometheus, window="6h")
    here.oncall.wait("resolved", "BabelwireFreshnessBudgetBurn", 45, here.prometheus, window="6h")


def _silence_a_language_and_poison_a_source(here: Installed) -> None:
    here.feeder.silent.add("de")
    here.feeder.poison(30)
    letters = {"stage": "clean", "reason": "malformed_json"}
    here.oncall.wait("firing", "BabelwireDeadLetterBurst", 30, here.prometheus, **letters)
    here.oncall.wait("firing", "BabelwireLanguageSilent", 75, here.prometheus, lang="de")
    here.feeder.silent.clear()
    here.oncall.wait("resolved", "BabelwireDeadLetterBurst", 45, here.prometheus, **letters)
    here.oncall.wait("resolved", "BabelwireLanguageSilent", 45, here.prometheus, lang="de")


def _kill_workers(here: Installed) -> None:
    for _ in range(7):  # in turns: one that is killed again and again would wait long before it starts
        here.rig.kill_one(operator.itemgetter(0))
        time.sleep(1.2)
    here.oncall.wait("firing", "BabelwireWorkerCrashLoop", 30, here.prometheus)
    # Counters go on where the killed ones stopped, at every scrape.
    assert (
        here.prometheus.value('sum(resets(babelwire_articles_finished_total{job="babelwire-worker"}[10m]))')
        == 0
    )
    # Whoever collects the log reads objects, also of workers that were killed; the first line is for people.
    assert [line for line in here.rig.log_end(10**7).splitlines() if not line.startswith("{")][1:] == []
    here.oncall.wait("resolved", "BabelwireWorkerCrashLoop", 90, here.prometheus)


def _stop_the_broker(here: Installed, kafka: KafkaCluster) -> None:
    kafka.stop()
    here.oncall.wait("firing", "BabelwireBrokerAway", 60, here.prometheus)
    kafka.start()
    here.oncall.wait("resolved", "BabelwireBrokerAway", 120, here.prometheus)


def _nothing_is_missing(here: Installed) -> None:
    here.feeder.stop()  # or the audit would wait for what is still coming
    code, text = here.rig.audit()
    assert code == 0, text
