"""What a broker tells of topics and groups, on both brokers."""

from __future__ import annotations

from streams.broker import layout
from tests.streams.installation import Installation


async def test_committed_offsets_are_those_of_the_group(installation: Installation) -> None:
    await installation.raw("a", "b")
    raw = installation.topic("raw")
    group = installation.settings.group("articles")
    assert await layout.committed(installation.settings, group, [(raw, 0), (raw, 1)]) == {}
    await installation.commit({("raw", 1): 7})
    assert await layout.committed(installation.settings, group, [(raw, 0), (raw, 1)]) == {(raw, 1): 7}
