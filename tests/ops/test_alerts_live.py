"""Faults on a real installation: the right alert is told, then told to be over, and no other is.

The rules are the repository's in their short form, the routes and inhibitions are the repository's; the broker, the
workers, Prometheus and Alertmanager are real.
"""

from __future__ import annotations

import math
import os
import signal
import time
from pathlib import Path

import pytest

from ops import generate
from tests.faults.rig import FUSED
from tests.kafka.cluster import KafkaCluster
from tests.ops.installed import Installed, installed

FORM = generate.Form(traffic=150, process=20, floor=15, volume=8, freshness_seconds=60, interval=1)


@pytest.mark.kafka
@pytest.mark.faults
@pytest.mark.timeout(600)
def test_each_fault_is_told_and_told_to_be_over_and_nothing_else_is(
    kafka_fresh: KafkaCluster, tmp_path: Path
) -> None:
    begun = time.monotonic()
    with installed(kafka_fresh.bootstrap, tmp_path, FORM, topology=FUSED, processes=2) as here:
        _tell(begun, "installed")
        _flowing(here)
        _tell(begun, "flowing")
        assert here.oncall.fired() == set()

        _silence_a_language_and_poison_a_source(here)
        assert here.oncall.fired() == {"BabelwireDeadLetterBurst", "BabelwireLanguageSilent"}
        _tell(begun, "language silenced, source poisoned")

        _kill_workers(here)
        told = {"BabelwireDeadLetterBurst", "BabelwireLanguageSilent", "BabelwireWorkerCrashLoop"}
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
    for _ in range(7):
        deadline = time.monotonic() + 30
        while not (pids := here.rig.pids()):
            assert time.monotonic() < deadline, here.rig.log_end()
            time.sleep(0.2)
        os.kill(pids[0], signal.SIGKILL)
        time.sleep(1.2)
    here.oncall.wait("firing", "BabelwireWorkerCrashLoop", 30, here.prometheus)
    here.oncall.wait("resolved", "BabelwireWorkerCrashLoop", 90, here.prometheus)


def _stop_the_broker(here: Installed, kafka: KafkaCluster) -> None:
    kafka.stop()
    here.oncall.wait("firing", "BabelwireBrokerAway", 60, here.prometheus)
    kafka.start()
    here.oncall.wait("resolved", "BabelwireBrokerAway", 60, here.prometheus)


def _nothing_is_missing(here: Installed) -> None:
    here.feeder.stop()  # or the audit would wait for what is still coming
    code, text = here.rig.audit()
    assert code == 0, text
