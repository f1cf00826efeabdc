"""The command ``python -m agents.entities.training``."""

from __future__ import annotations

import argparse
import sys

from agents.entities.training.encoder import MissingPackageError
from agents.entities.training.options import parser


def main(arguments: list[str] | None = None) -> int:
    """Trains, prunes, exports; returns 0, or 1 with a message when something it needs is missing."""
    options: argparse.Namespace = parser().parse_args(arguments)
    try:
        from agents.entities.training.run import run

        run(options)
    except ModuleNotFoundError as error:
        sys.stderr.write(f"{MissingPackageError(error.name or '?')}\n")
        return 1
    except (MissingPackageError, FileNotFoundError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
