"""The command ``python -m agents.entities.training``."""

from __future__ import annotations

import argparse
import sys

from agents.entities.training.encoder import MissingPackageError
from agents.entities.training.options import parser


def main(arguments: list[str] | None = None) -> int:
    """Trains, prunes, exports; returns 0, or 1 with a message when something it needs is missing."""
    asked = parser()
    options: argparse.Namespace = asked.parse_args(arguments)
    if options.draw and not options.resume:
        asked.error("--draw WHOLE draws the scores of a state: name it with --resume STATE")
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
