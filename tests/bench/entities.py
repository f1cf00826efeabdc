"""How fast the stage `entities` is, on one core: ``python -m tests.bench.entities``.

Prints, for rules alone and with the model, articles of 3,000 characters a second over the parallel news in every
language (CPU time: first pass of a new process, second pass over the same, then as many others, which is what a
worker does after its first minute), CPU seconds to load, memory, and the slowest of the texts made to be slow. Each
form runs in a process of its own, since memory is told by process.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from typing import Literal, get_args

from agents.entities.process import linker_of
from agents.entities.training.articles import bcp47
from agents.stage import Resources
from tests.quality.entities import news

Form = Literal["rules", "model"]
ARTICLE = 3_000
SLOW = {
    "one name repeated": ("Kim " * 262_144, "en"),
    "ordinary English": ("North Korea and Sergei Lavrov met in Moscow, Paris. " * 20_000, "en"),
    "Chinese": ("朝鲜和俄罗斯在莫斯科会晤拉夫罗夫" * 20_000, "zh"),
    "inflected Russian": ("Северной Кореи Министерства обороны " * 15_000, "ru"),
    "seams": ("aB" * 524_288, "en"),
    "Thai": ("นายกรัฐมนตรีรัสเซีย" * 18_000, "th"),
}
"""Texts of about 1 MiB in UTF-8."""
EVERY = {"rules": 16, "model": 80}
"""Every so many-th article of the parallel news is linked."""


def measure(form: Form) -> str:
    """Returns the row of one form."""
    start = time.process_time()
    linker, _ = linker_of(Resources(recognition=form))
    load = time.process_time() - start
    every = EVERY[form]
    all_texts = [(bcp47(lang), text[:ARTICLE]) for _, lang, text in news()]
    met, new = all_texts[::every], all_texts[every // 2 :: every]
    rates = []
    for texts in (met, met, new):
        articles = sum(len(text) for _, text in texts) / ARTICLE
        start = time.process_time()
        for tag, text in texts:
            linker.link(text, tag)
        rates.append(articles / (time.process_time() - start))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    slowest = max((_seconds(linker.link, text, tag), name) for name, (text, tag) in SLOW.items())
    passes = "".join(f"{rate:10.1f}" for rate in rates)
    return f"{form:6} {passes} {load:8.2f} {memory:8.0f}   {slowest[0]:.1f} s ({slowest[1]})"


def _seconds(link: object, text: str, tag: str) -> float:
    start = time.process_time()
    assert callable(link)
    link(text, tag)
    return time.process_time() - start


def main() -> None:
    """Prints the table."""
    if len(sys.argv) > 1:
        form: Form = "model" if sys.argv[1] == "model" else "rules"
        sys.stdout.write(measure(form) + "\n")
        return
    sys.stdout.write("form   articles/s      again    others   load s       MB   slowest 1 MiB\n")
    for form in get_args(Form):
        line = [sys.executable, "-m", "tests.bench.entities", form]
        sys.stdout.write(subprocess.run(line, capture_output=True, text=True, check=True).stdout)


if __name__ == "__main__":
    main()
