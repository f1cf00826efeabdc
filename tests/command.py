"""The ``babelwire`` command beside the Python that runs the tests, and an environment without settings for it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

BABELWIRE = str(Path(sys.executable).with_name("babelwire"))


def environment(*others: str, **more: str) -> dict[str, str]:
    """This process's environment with ``more``, without settings of ours or what begins with one of ``others``."""
    left_out = ("BABELWIRE_", *others)
    return {name: value for name, value in os.environ.items() if not name.startswith(left_out)} | more
