"""The fitted weights: of the languages against each other, and of each family's members among themselves."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agents.language.features import FEATURES, WITHIN
from agents.language.siblings import FAMILIES

WEIGHTS: Final = Path(__file__).parent / "weights.json"


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights in the order of their features."""

    general: tuple[float, ...]
    families: dict[tuple[str, ...], tuple[float, ...]]
    """Of :data:`WITHIN`, then one constant per member."""


def load(path: Path = WEIGHTS) -> Weights:
    """Reads the weights."""
    named = json.loads(path.read_text(encoding="utf-8"))
    return Weights(
        tuple(float(named["languages"][name]) for name in FEATURES),
        {
            members: tuple(float(named["/".join(members)][name]) for name in (*WITHIN, *members))
            for members in FAMILIES
        },
    )


def save(weights: Weights, path: Path = WEIGHTS) -> None:
    """Writes the weights, one named number a line."""
    named = {"languages": dict(zip(FEATURES, weights.general, strict=True))}
    for members, values in weights.families.items():
        named["/".join(members)] = dict(zip((*WITHIN, *members), values, strict=True))
    rounded = {
        part: {name: round(value, 4) for name, value in values.items()} for part, values in named.items()
    }
    path.write_text(json.dumps(rounded, indent=1) + "\n", encoding="utf-8")
