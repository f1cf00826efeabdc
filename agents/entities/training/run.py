"""The stages of a training run: vocabulary, annotated sets, parallel articles, export."""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import torch
from tokenizers import Tokenizer

from agents.entities.knowledge.sources.curated import curated
from agents.entities.process import linker_of
from agents.entities.training import prune
from agents.entities.training.articles import read_articles
from agents.entities.training.augment import names_of, recased, rescripted, swapped
from agents.entities.training.data import Sentence, one_pass, read_sources
from agents.entities.training.encoder import Encoder, Floats, load_encoder, tokenizer_file
from agents.entities.training.export import export, exported
from agents.entities.training.model import tensors_of, to_torch
from agents.entities.training.nominals import add_nominals
from agents.entities.training.parallel import read_paragraphs, taught
from agents.entities.training.pieces import Example, Ints, Text, batches, example, joined, written
from agents.entities.training.projection import Projection, projected
from agents.entities.training.slim import BATCHES, PLAN, STEPS, mended, slim
from agents.entities.training.train import PIECES, Averaged, Progress, Shape, f1, peaks, train
from agents.stage import Resources

FIRST = 0.3
"""Share of the time for the stage on annotated sets alone, whose model then marks the parallel articles."""
HELD = 600
"""One sentence in so many is kept from training, to show progress."""
TAUGHT_PER_PASS = 20_000
"""Paragraphs of parallel articles that the model marked, in a pass over the data."""
PROJECTED_PER_PASS, UNMARKED_PER_PASS = 24_000, 12_000
"""Paragraphs with projected names and without any, where scores are drawn to those of the whole model."""
SPACED = 0.4
"""Chance that a text has spaces around punctuation, as corpora have it."""
PARALLEL = Path("news", "ntrex-dev.jsonl.gz")
CURATED = Path(__file__).parents[1] / "knowledge" / "curated"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The pieces that are kept, and the tokenizer that makes them."""

    pieces: Ints
    text: str

    def tokenizer(self) -> Tokenizer:
        """Returns the tokenizer."""
        return Tokenizer.from_str(self.text)


class _Out:
    """Writes the model and its tokenizer."""

    def __init__(
        self, encoder: Encoder, vocabulary: Vocabulary, shown: Sequence[Example], options: argparse.Namespace
    ) -> None:
        self.encoder, self.vocabulary, self._shown = encoder, vocabulary, shown
        self._folder: Path = options.out
        self._sets: Path = options.data / "ner"
        self._exact: bool = options.exact
        self._thin: bool = options.slim
        self._whole: Path | None = options.draw
        self._slim_state: Path = options.work / "slim.npz"
        self.words = encoder.words.only(vocabulary.pieces)
        self.shape = Shape(encoder.heads, encoder.epsilon)

    def write(self, tensors: dict[str, Floats], texts: Iterator[list[Example]] | None = None) -> None:
        """Writes a state of the training as what a worker loads.

        texts    batches to slim the layers on and to draw their scores with, where that is asked for
        """
        words = self.words.floats()
        tensors = {**tensors, "words": words}
        if texts is not None and self._thin:
            tensors = self._drawn(self._slim(tensors, texts), tensors, texts)
        elif texts is not None and self._whole:
            tensors = self._drawn(tensors, {**load(self._whole), "words": words}, texts)
        highest = peaks(to_torch(tensors), self._shown, self.shape)
        del highest["tag"]
        heads, epsilon = self.shape.heads, self.shape.epsilon
        path = self._folder / "model.onnx"
        size = export(tensors, self.words, highest, path, heads=heads, epsilon=epsilon, exact=self._exact)
        text = self.vocabulary.text
        (self._folder / "tokenizer.json").write_text(text + "\n", "utf-8")
        finish(self._folder, self._sets)
        say(
            f"{self._folder}: model.onnx {size / 1e6:.1f} MB, tokenizer.json {len(text.encode()) / 1e6:.1f} MB"
        )

    def _slim(self, whole: dict[str, Floats], texts: Iterator[list[Example]]) -> dict[str, Floats]:
        begun = time.process_time()
        made = slim(whole, PLAN, list(islice(texts, BATCHES)), self.shape)
        say(f"slim after {time.process_time() - begun:.0f} s, held-out F1 {self._f1(made):.4f}")
        return made

    def _drawn(
        self, made: dict[str, Floats], whole: dict[str, Floats], texts: Iterator[list[Example]]
    ) -> dict[str, Floats]:
        begun = time.process_time()
        save(self._slim_state, made)

        def report(steps: int, moved: float, tensors: dict[str, Floats]) -> None:
            say(f"{steps:6d} of {STEPS} steps, {moved:.4f} nats a piece, held-out F1 {self._f1(tensors):.4f}")
            save(self._slim_state, tensors)

        try:
            save(self._slim_state, mended(made, whole, texts, self.shape, report))
        except KeyboardInterrupt:
            say(f"ended early: exporting {self._slim_state}")
        made = {**load(self._slim_state), "words": whole["words"]}
        say(f"mended after {time.process_time() - begun:.0f} s, held-out F1 {self._f1(made):.4f}")
        return made

    def _f1(self, tensors: dict[str, Floats]) -> float:
        return f1(to_torch(tensors), self._shown, self.shape)


class Writer:
    """Reports progress, and keeps the state so that nothing is lost when the run ends early."""

    def __init__(self, work: Path, held: Sequence[Example], shape: Shape) -> None:
        self.path = work / "state.npz"
        self._held, self._shape = held, shape

    def __call__(self, progress: Progress, mean: Averaged) -> None:
        """Writes a line and the state."""
        state = mean.numpy()
        score = f1(to_torch(state), self._held, self._shape)
        say(
            f"{progress.seconds:6.0f} s  {progress.steps:6d} steps  {progress.pieces / 1e6:6.2f}M pieces"
            f"  {progress.pieces / max(progress.seconds, 1e-9):6.0f}/s  loss {progress.loss:.4f}"
            f"  held-out F1 {score:.4f}"
        )
        save(self.path, state)


def say(text: str) -> None:
    """Writes a line of progress."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def save(path: Path, tensors: dict[str, Floats]) -> None:
    """Keeps the trained tensors; the word embeddings are the encoder's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.npz")
    trained: dict[str, Any] = {name: array for name, array in tensors.items() if name != "words"}
    np.savez(part, **trained)
    part.replace(path)


def load(path: Path) -> dict[str, Floats]:
    """Returns what :func:`save` kept, or what stands in a ``model.onnx`` that ships, to go on from there.

    Raises FileNotFoundError when there is no such file, ValueError when it holds nothing to go on from.
    """
    if path.suffix == ".onnx":
        return exported(path)
    with np.load(path) as kept:
        return dict(kept)


def vocabulary_of(data: Path, sentences: Sequence[Sentence], size: int) -> Vocabulary:
    """Chooses the pieces: those of the training sets, of parallel news in every language, and of curated names."""
    text = tokenizer_file().read_text("utf-8")
    tokenizer = Tokenizer.from_str(text)
    texts: dict[str, list[str]] = defaultdict(list)
    for sentence in sentences:
        texts[f"annotated {sentence.language}"].append(" ".join(sentence.tokens))
    for one in read_paragraphs(data / PARALLEL, ()):
        texts[one.language].append(one.text)
    texts["names"] = list(_curated())
    found = [prune.count(tokenizer, held) for held in texts.values()]
    vocabulary = [(piece, score) for piece, score in orjson.loads(text)["model"]["vocab"]]
    pieces = prune.keep(vocabulary, found, size)
    say(f"vocabulary: {len(set().union(*found)):,} pieces met, {len(pieces):,} kept")
    return Vocabulary(pieces, prune.pruned(text, pieces))


def _curated() -> Iterator[str]:
    for path in sorted(CURATED.glob("*.jsonl")):
        for line in path.read_bytes().splitlines():
            yield " ".join(_strings(orjson.loads(line)))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


class Passes:
    """Makes the texts of each pass over the data: drawn, varied, joined, in batches."""

    def __init__(self, sentences: Sequence[Sentence], tokenizer: Tokenizer, seed: int) -> None:
        self._sentences, self._tokenizer, self._seed = sentences, tokenizer, seed
        self._names = names_of(sentences)
        self.besides: Callable[[random.Random], list[Text]] = lambda _: []
        """Draws what else is in a pass."""

    def __call__(self, number: int) -> Iterator[list[Example]]:
        """Yields the batches of a pass."""
        rng = random.Random(f"{self._seed} {number}")  # noqa: S311 (repeatable draws, no secret)
        texts = [*self._texts(rng), *self.besides(rng)]
        rng.shuffle(texts)
        yield from batches(texts, self._tokenizer, rng, pieces=PIECES)

    def _texts(self, rng: random.Random) -> Iterator[Text]:
        held: list[Text] = []
        source, room = None, 1
        for sentence in one_pass(self._sentences, rng):
            one = rescripted(recased(swapped(sentence, self._names, rng), rng), rng)
            if held and (len(held) >= room or sentence.source is not source):
                yield joined(held)
                held = []
            if not held:
                source = sentence.source
                room = rng.choice((1, 2, 4)) if source.loose else rng.choice((1, 1, 2, 3))
            held.append(written(one, spaced=rng.random() < SPACED))
        if held:
            yield joined(held)


def finish(folder: Path, sets: Path) -> None:
    """Fits the labels of nominals for the model in ``folder``."""
    begun = time.process_time()
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    learnt = add_nominals(folder / "model.onnx", sets, tokenizer)
    say(f"{learnt:,} nominals learnt in {time.process_time() - begun:.0f} s")


def run(options: argparse.Namespace) -> None:
    """Runs the stages; an interrupt ends the training, not the export."""
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    if options.nominals:
        finish(options.nominals, options.data / "ner")
        return
    begun = time.process_time()
    encoder = load_encoder()
    sentences = read_sources(options.data / "ner")
    vocabulary = vocabulary_of(options.data, sentences, options.pieces)
    held, trained = sentences[::HELD], [one for at, one in enumerate(sentences) if at % HELD]
    shown = _examples(held, vocabulary.tokenizer())
    out = _Out(encoder, vocabulary, shown, options)
    say(f"{len(trained):,} sentences, ready after {time.process_time() - begun:.0f} s")
    passes = Passes(trained, vocabulary.tokenizer(), options.seed)
    if options.resume:
        out.write(load(options.resume), _every_language(passes, options.data))
        return
    writer = Writer(options.work, shown, out.shape)
    try:
        state = _trained(options, out, passes, writer)
    except KeyboardInterrupt:
        if not writer.path.exists():
            raise
        say(f"ended early: exporting {writer.path}")
        state = load(writer.path)
    out.write(state, _every_language(passes, options.data))


def _every_language(passes: Passes, data: Path) -> Iterator[list[Example]]:
    """Yields batches of the training texts, and of the parallel articles in all languages: with the names that are
    projected into them, and without labels."""
    begun = time.monotonic()
    linker, _ = linker_of(Resources(recognition="model"))
    found = projected(
        read_articles(data / PARALLEL),
        linker.link,
        lambda read: say(f"{read:,} parallel articles read after {time.monotonic() - begun:.0f} s"),
    )
    projection = Projection(found, curated())
    unmarked = [Text(one.text, (), (), 0.0) for one in read_paragraphs(data / PARALLEL, ())]
    say(f"{len(projection):,} paragraphs of {len(found)} languages with projected names")

    def besides(rng: random.Random) -> list[Text]:
        return projection.drawn(PROJECTED_PER_PASS, rng) + drawn(unmarked, UNMARKED_PER_PASS, rng)

    passes.besides = besides
    yield from (batch for number in count() for batch in passes(number))


def drawn(texts: Sequence[Text], number: int, rng: random.Random) -> list[Text]:
    """Returns ``number`` of the texts, or all where there are fewer."""
    return rng.sample(texts, min(number, len(texts)))


def _trained(options: argparse.Namespace, out: _Out, passes: Passes, writer: Writer) -> dict[str, Floats]:
    clock = time.monotonic if options.wall else time.process_time
    left = 60 * options.minutes
    state = tensors_of(out.encoder, options.layers, options.seed)
    if options.teacher or options.further:
        state = load(options.teacher or options.further)
    elif not options.no_parallel:
        tensors = to_torch({**state, "words": out.words.floats()})
        state = train(tensors, passes, out.shape, seconds=FIRST * left, report=writer, clock=clock).numpy()
        out.write(state)
        left *= 1 - FIRST
    tensors = to_torch({**state, "words": out.words.floats()})
    if not options.no_parallel:
        begun = clock()
        marked = taught(tensors, out.shape, out.vocabulary.tokenizer(), options.data / PARALLEL)
        passes.besides = partial(drawn, marked, TAUGHT_PER_PASS)
        left -= clock() - begun
        say(f"{len(marked):,} paragraphs of parallel articles marked in {clock() - begun:.0f} s")
    made = train(tensors, passes, out.shape, seconds=left, report=writer, clock=clock).numpy()
    if not options.further:
        return made
    mean = mean_with(state, made, options.trainings)
    save(writer.path, mean)
    return mean


def mean_with(mean: dict[str, Floats], state: dict[str, Floats], trainings: int) -> dict[str, Floats]:
    """Returns the mean of ``state`` and of the trainings whose mean is given (Wortsman et al. 2022)."""
    count = np.float32(trainings)
    return {name: (count * mean[name] + state[name]) / (count + 1) for name in mean}


def _examples(sentences: Sequence[Sentence], tokenizer: Tokenizer) -> list[Example]:
    texts = [
        written(one, spaced=False) for one in sentences if not one.source.loose and not one.source.partial
    ]
    return [
        example(text, encoding)
        for text, encoding in zip(texts, tokenizer.encode_batch([one.text for one in texts]), strict=True)
    ]
