"""Prints the figures of the language stage: ``python -m tests.quality.language``.

What is shipped is fitted on all 63 development articles, so its figures on them say little: an honest figure is one
half's fit on the other half's articles (``language_data.part``), and the native sentences, which are never fitted on.

    python -m tests.quality.language_fit $DATA --half 0 --into half0     # $DATA as in language_fit
    python -m tests.quality.language --models half0 --half 1

``--every N`` takes one text in N.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from agents.language import decide, scripts
from agents.language import profiles as profile_file
from agents.language import siblings as sibling_file
from agents.language import weights as weight_file
from agents.language.decide import Judge, Verdict
from agents.language.detectors import Detectors
from agents.language.evidence import sample
from agents.language.features import knowledge
from agents.language.segments import segments
from tests.quality.language_data import Item, items, news, ours, part, rows

GROUPS = (
    {"bs", "hr", "sr", "sr-Latn", "cnr"},
    {"nb", "nn"},
    {"id", "ms"},
    {"ar", "mey", "arz", "ary"},
    {"fa", "prs"},
    {"zh-Hans", "zh-Hant", "yue", "zh"},
)
"""Languages that count as one in the lenient figures."""
STRANGERS = frozenset(["bem", "ee", "ff", "nd", "nso", "shi", "ty", "gsw", "ckb"])
"""The nine languages of the study that its detectors did not know."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One text and what was said of it."""

    item: Item
    verdict: Verdict

    @property
    def strict(self) -> bool:
        """Whether the tag is the right one; Dari is also Persian, Hassaniya also Arabic."""
        return self.verdict.tag == self.item.gold or (self.item.gold, self.verdict.tag) in {
            ("prs", "fa"),
            ("mey", "ar"),
        }

    @property
    def lenient(self) -> bool:
        """Whether it is right or its hardly distinguishable sibling."""
        return self.strict or any({self.item.gold, self.verdict.tag} <= group for group in GROUPS)


def judge(folder: Path | None) -> Judge:
    """Loads the shipped model, or one from another folder."""
    if folder is None:
        return decide.load()
    made = profile_file.load(folder / profile_file.PROFILES.name)
    families = sibling_file.load(folder / sibling_file.SIBLINGS.name)
    return Judge(knowledge(Detectors(), made, families), weight_file.load(folder / weight_file.WEIGHTS.name))


def ask(model: Judge, texts: Iterable[Item]) -> list[Answer]:
    """Tags the texts."""
    return [Answer(item, model.decide(sample(item.text))) for item in texts]


def macro(answers: Sequence[Answer], lenient: bool = False) -> float:
    """Returns the mean over languages of the share of right tags, in per cent."""
    right: dict[str, list[bool]] = defaultdict(list)
    for answer in answers:
        right[answer.item.gold].append(answer.lenient if lenient else answer.strict)
    return (
        100 * sum(sum(found) / len(found) for found in right.values()) / len(right) if right else float("nan")
    )


def reliable(answers: Sequence[Answer]) -> tuple[float, float]:
    """Returns how many are reliable and how many of these are right (lenient), in per cent.

    Lines that the translators left as they were, so that the same text stands under several languages, are not asked.
    """
    answers = [answer for answer in answers if not _untranslated(answer.item)]
    sure = [answer.lenient for answer in answers if answer.verdict.reliable]
    return 100 * len(sure) / len(answers), 100 * sum(sure) / len(sure) if sure else float("nan")


@cache
def _languages() -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for item in items("main"):
        found[item.text.strip()].add(item.gold)
    return found


def _untranslated(item: Item) -> bool:
    """Returns whether the same text has gold languages that are no siblings, as a quotation in French has."""
    languages = _languages().get(item.text.strip(), set())
    return len(languages) > 1 and not any(languages <= group for group in GROUPS)


def calibration(answers: Sequence[Answer], bins: int = 15) -> float:
    """Returns the expected calibration error over equally wide bins (Guo et al. 2017), strict."""
    groups: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for answer in answers:
        verdict = answer.verdict
        confidence, right = verdict.confidence, answer.strict
        if verdict.tag == "und":
            confidence = verdict.alternatives[0][1] if verdict.alternatives else 0.0
            right = bool(verdict.alternatives) and verdict.alternatives[0][0] == answer.item.gold
        groups[min(int(confidence * bins), bins - 1)].append((confidence, right))
    gaps = (abs(sum(c for c, _ in found) - sum(r for _, r in found)) for found in groups.values())
    return sum(gaps) / len(answers)


@cache
def _fit_texts(half: int) -> dict[str, str]:
    texts: dict[str, list[str]] = defaultdict(list)
    for doc, language, lines in news():
        if part(doc) != half:
            texts[language] += lines
    return {language: "\n".join(lines).lower() for language, lines in texts.items()}


def fresh(item: Item, half: int | None) -> bool:
    """Returns whether a text is not from the articles outside this half; without a half, True."""
    return half is None or item.text.lower() not in _fit_texts(half).get(item.gold, "")


def mixed(model: Judge, half: int | None = None, every: int = 1) -> tuple[float, float]:
    """Returns the share of letters given the right language, strict and lenient, in per cent."""
    right, close, total = 0, 0, 0
    for number, row in enumerate(rows("lid/mixed-dev.jsonl.gz")):
        lines = row["lines"]
        if number % every or not all(
            fresh(Item(text=line, gold=ours(code), kind="", core=True), half) for line, code in lines
        ):
            continue
        text = "\n".join(line for line, _ in lines)
        found = segments(model, text, model.decide(sample(text)))
        position = 0
        for line, code in lines:
            letters = sum(letter.isalpha() for letter in line)
            tag = next(one.tag for one in found if one.start <= position < one.end)
            item = Item(text=line, gold=ours(code), kind="", core=True)
            answer = Answer(
                item, Verdict(tag=tag, language=tag, script="", confidence=1, reliable=True, letters=letters)
            )
            right += letters * answer.strict
            close += letters * answer.lenient
            total += letters
            position += len(line) + 1
    return 100 * right / total, 100 * close / total


def scripts_apart(model: Judge, every: int = 1) -> tuple[int, float, float]:
    """Returns how many native sentences stood alone among two of another script, and the share tagged as themselves.

    Strict and lenient, in per cent, by lines. Sentences in Latin letters stand among Russian ones, others among
    English ones; nothing is fitted on any of them.
    """
    found = items("native")
    kept = {tag: [item.text for item in found if item.gold == tag] for tag in ("en", "ru")}
    right = close = count = 0
    for number, item in enumerate(found[::every]):
        latin = scripts.main(scripts.histogram(item.text)) == "Latn"
        others = kept["ru" if latin else "en"]
        before, after = others[number % len(others)], others[(number + 1) % len(others)]
        line = " ".join(item.text.split())
        text = "\n".join((before, line, after))
        middle = len(before) + 1 + len(line) // 2
        parts = segments(model, text, model.decide(sample(text)))
        tag = next(part.tag for part in parts if part.start <= middle < part.end)
        answer = Answer(
            item, Verdict(tag=tag, language=tag, script="", confidence=1, reliable=True, letters=len(line))
        )
        right += answer.strict
        close += answer.lenient
        count += 1
    return count, 100 * right / count, 100 * close / count


def whole(model: Judge, texts: Iterable[Item]) -> float:
    """Returns how many articles in one language are said to be mixed, in per cent."""
    counts = [len(segments(model, item.text, model.decide(sample(item.text)))) > 1 for item in texts]
    return 100 * sum(counts) / len(counts)


def romanised(model: Judge, texts: Iterable[Item]) -> tuple[int, float, float]:
    """Returns how many texts have another script, and what share, put into Latin letters, is reliable: wrong, right.

    By ICU's rules, while the fit meets texts romanised by anyascii. Serbian is left out: it is Serbian in both.
    """
    from icu import Transliterator  # type: ignore[import-untyped]  # PyICU, of the group kb

    rules = Transliterator.createInstance("Any-Latin; Latin-ASCII")
    wrong = right = count = 0
    for item in texts:
        if scripts.main(scripts.histogram(item.text)) == "Latn" or item.gold == "sr":
            continue
        verdict = model.decide(sample(rules.transliterate(item.text)))
        own = verdict.tag == f"{item.gold.partition('-')[0]}-Latn"
        wrong += verdict.reliable and not own
        right += verdict.reliable and own
        count += 1
    return count, 100 * wrong / count, 100 * right / count


def confusions(answers: Sequence[Answer], most: int = 14) -> str:
    """Returns the most frequent confusions."""
    pairs: dict[str, int] = defaultdict(int)
    for answer in answers:
        if not answer.strict:
            pairs[f"{answer.item.gold}>{answer.verdict.tag}"] += 1
    return " ".join(
        f"{pair}:{count}" for pair, count in sorted(pairs.items(), key=lambda one: -one[1])[:most]
    )


def report(model: Judge, half: int | None = None, every: int = 1) -> None:
    """Prints every figure."""
    main = [item for item in items("main") if half in (None, part(item.doc))]
    native = items("native")[::every]
    noise = [item for item in items("noise")[::every] if fresh(item, half)]
    print(f"{'':22} texts strict lenient covered precise   ECE  confusions")
    sets = [
        (f"core {kind}", [i for i in main if i.core and i.kind == kind][::every])
        for kind in ("headline", "paragraph", "article")
    ]
    sets += [("native sentences", native)]
    sets += [
        (f"noise {kind}", [i for i in noise if i.kind == kind])
        for kind in ("upper", "lower", "asciifold", "w1", "w2", "w3", "w5")
    ]
    sets += [
        (f"other {kind}", [i for i in main if not i.core and i.kind == kind][::every])
        for kind in ("headline", "paragraph", "article")
    ]
    sets += [("nine strangers, par.", [i for i in main if i.gold in STRANGERS and i.kind == "paragraph"])]
    for name, texts in sets:
        answers = ask(model, texts)
        covered, precise = reliable(answers)
        print(
            f"{name:22} {len(texts):5} {macro(answers):6.2f} {macro(answers, True):7.2f} "
            f"{covered:7.1f} {precise:7.2f} "
            f"{calibration(answers):.3f}  {confusions(answers)}",
            flush=True,
        )
        if name.startswith("nine"):
            wrong = [a for a in answers if a.verdict.reliable and not a.strict]
            named = [a for a in answers if a.verdict.reliable and a.strict]
            print(f"  reliable but wrong {100 * len(wrong) / len(answers):.1f} %")
            print(f"  reliable as themselves {100 * len(named) / len(answers):.1f} %")
    for kind in ("paragraph", "headline") if find_spec("icu") else ():
        count, wrong_share, right_share = romanised(
            model, [i for i in main if i.core and i.kind == kind][::every]
        )
        print(
            f"romanised {kind:12} {count:5} reliable: wrong {wrong_share:.2f} %, as their own {right_share:.2f} %"
        )
    strict, lenient = mixed(model, half, every)
    print(f"mixed documents: {strict:.2f} % of letters right, {lenient:.2f} % lenient")
    count, strict, lenient = scripts_apart(model, 4 * every)
    print(f"sentences in another script: {count}, {strict:.2f} % right, {lenient:.2f} % lenient")
    articles = [i for i in main if i.core and i.kind == "article"][:: 3 * every]
    print(f"articles in one language said to be mixed: {whole(model, articles):.2f} %")


def main() -> None:
    """Runs the report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--models", type=Path, help="folder of fitted files; the shipped ones otherwise")
    parser.add_argument("--every", type=int, default=1, help="take one text in this many")
    parser.add_argument("--half", type=int, choices=(0, 1), help="score on the articles of this half")
    asked = parser.parse_args()
    report(judge(asked.models), asked.half, asked.every)


if __name__ == "__main__":
    main()
