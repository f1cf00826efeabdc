"""What the training command can be told."""

from __future__ import annotations

import argparse
from pathlib import Path

WEIGHTS = Path(__file__).parents[1] / "recognition" / "weights"
EXAMPLE = """example:
  python -m agents.entities.training --data ../shared/data --minutes 60

Ctrl-C ends the training early; what is written then is the last state of the weights. The state is also
kept in --work after every minute, and --resume STATE exports such a file without training. --slim keeps
what it makes there as slim.npz, which --further can train once more. Where no state was kept, model.onnx
stands in for it: its layers as they were rounded."""


def parser() -> argparse.ArgumentParser:
    """Returns the parser of the command line."""
    made = argparse.ArgumentParser(
        prog="python -m agents.entities.training",
        description="Trains the recogniser of persons, organisations and places, and writes its weights.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument(
        "--data", type=Path, required=True, help="folder with ner/ and news/ (see ner/LICENCES.md)"
    )
    made.add_argument("--out", type=Path, default=WEIGHTS, help="where model.onnx and tokenizer.json go")
    made.add_argument("--work", type=Path, default=Path(".babelwire/training"), help="where states are kept")
    made.add_argument("--minutes", type=float, default=60.0, help="processor time of one core (default 60)")
    made.add_argument("--wall", action="store_true", help="count the minutes by the clock on the wall")
    made.add_argument("--layers", type=int, default=6, help="of the encoder's twelve (default 6)")
    made.add_argument(
        "--pieces", type=int, default=178_000, help="of the vocabulary's 250,002 (default 178,000)"
    )
    made.add_argument("--seed", type=int, default=0, help="of everything drawn (default 0)")
    made.add_argument("--no-parallel", action="store_true", help="annotated sets only, one stage")
    made.add_argument("--teacher", type=Path, help="state of a first stage: train the second alone")
    made.add_argument(
        "--further",
        type=Path,
        help="a finished state, or a model.onnx: train it once more on all, and keep the mean of all trainings",
    )
    made.add_argument(
        "--trainings", type=int, default=1, help="of which the state of --further is the mean (default 1)"
    )
    made.add_argument("--resume", type=Path, help="export this state instead of training")
    made.add_argument(
        "--slim",
        action="store_true",
        help="take out heads and units of the six layers that others can stand in for",
    )
    made.add_argument(
        "--draw",
        type=Path,
        metavar="WHOLE",
        help="with --resume: draw the scores of that state to those of this one, a state or a model.onnx, and to the "
        "names that parallel articles tell of",
    )
    made.add_argument(
        "--nominals",
        type=Path,
        metavar="FOLDER",
        help="only fit the labels of persons called by common nouns, for the model in this folder; every other run "
        "ends with that",
    )
    made.add_argument(
        "--exact", action="store_true", help="export float32 layers, to measure what int8 costs"
    )
    return made
