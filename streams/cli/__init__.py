"""The command line: one file per command, loaded when it is called.

Exit codes: 0 all well, 1 the answer is no (a breach, a failed check), 2 wrong use or wrong settings, 3 the
broker cannot be reached or refuses us, 70 a bug, 130 ended by Ctrl-C.
"""

import sys


def main() -> None:
    """Runs the command line; Ctrl-C while it is still loaded ends it in the same word as later."""
    try:
        from streams.cli import root

        root.main()
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        sys.exit(130)


__all__ = ["main"]
