"""What tests of the knowledge base's sources ask first: were the packages of the group `kb` installed?"""

from __future__ import annotations

import importlib.util
import os


def sources_are_missing() -> bool:
    """Returns whether `make kb-setup` was not run.

    Raises:
        RuntimeError: in CI, which must not skip these tests
    """
    missing = importlib.util.find_spec("rigour") is None
    if missing and os.environ.get("CI"):
        raise RuntimeError("CI must compile the knowledge base: make kb-setup")
    return missing
