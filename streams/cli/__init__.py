"""The command line: one file per command, loaded when it is called.

Exit codes: 0 all well, 1 the answer is no (a breach, a failed check), 2 wrong use or wrong settings, 3 the
broker cannot be reached or refuses us, 70 a bug, 130 ended by Ctrl-C.
"""

from streams.cli.root import main

__all__ = ["main"]
