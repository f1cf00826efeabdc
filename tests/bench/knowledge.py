"""A knowledge base of a million names: ``python -m tests.bench.knowledge [NAMES]``.

Makes a Wikidata dump of invented entities (persons with the given names of our own list, organisations, places;
seven scripts, popularity as skewed as the real one), imports it with the command of the product, and prints time
and memory of the import; then, for the knowledge base that babelwire brings and the large one, in turns, in a
process of its own: time to load, articles of 3,000 characters linked a second (CPU time, one core, first and
second pass), memory. Needs BABELWIRE_DATA for real articles.
"""

from __future__ import annotations

import gzip
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import orjson

from agents.entities.knowledge.aliases import spoken_names
from agents.entities.knowledge.kb import FOLDER, Compiled
from agents.entities.linking.link import Linker
from agents.entities.training.articles import bcp47
from tests.agents.entities.dumps import entity
from tests.bench.entities import ARTICLE
from tests.quality.entities import news

_SPELLED = {
    "en": "ka ri lo men ta vos du ber nil sha po gar fe wim zo lut ama reth ico ban",
    "ru": "ка ри ло мен та вос ду бер нил ша по гар фе вим зо лют ама рет ико бан",
    "el": "κα ρι λο μεν τα βοσ δου μπερ νιλ σα πο γκαρ φε βιμ ζο λουτ αμα ρεθ ικο μπαν",
    "ar": "كا ري لو مين تا فوس دو بير نيل شا بو غار في ويم زو لوت أما ريث يكو بان",
    "ja": "カ リ ロ メン タ ボス ドゥ ベル ニル シャ ポ ガル フェ ウィム ゾ ルト アマ レス イコ バン",
    "ta": "கா ரி லோ மென் தா வோஸ் டு பெர் நில் ஷா போ கர் பெ விம் சோ லுட் அமா ரெத் இகோ பான்",
    "ko": "카 리 로 멘 타 보스 두 베르 닐 샤 포 가르 페 윔 조 루트 아마 레스 이코 반",
}
SYLLABLES = {code: text.split() for code, text in _SPELLED.items()}
COUNTRIES = ("Q30", "Q145", "Q183", "Q142", "Q159", "Q148", "Q17", "Q668", "Q155", "Q38")
CLASSES = {"organisation": ("Q4830453", "Q7278", "Q3918"), "place": ("Q515", "Q532", "Q4022")}
SUFFIXES = ("Group", "Institute", "Bank", "Party", "University", "Energy")
NAMES_EACH = 9.7
"""New keys an invented entity brings."""


def invented(count: int) -> Iterator[dict[str, object]]:
    """Yields ``count`` entities, the same every time."""
    chance = random.Random(20261122)
    first = sorted(spoken_names())
    for number in range(count):
        sounds = [chance.randrange(20) for _ in range(chance.choice((3, 3, 4)))]
        spelled = {code: "".join(listed[at] for at in sounds) for code, listed in SYLLABLES.items()}
        surname = spelled["en"].capitalize()
        pages = min(280, int(10 * chance.paretovariate(1.1)))
        country = [chance.choice(COUNTRIES)]
        kind = chance.choices(("person", "organisation", "place"), (6, 2, 2))[0]
        identifier = f"Q{200_000_000 + number}"
        if kind == "person":
            given = chance.choice(first).capitalize()
            called = [chance.randrange(20), chance.randrange(20)]
            labels = {
                code: f"{''.join(listed[at] for at in called).capitalize()} {spelled[code].capitalize()}"
                for code, listed in SYLLABLES.items()
            }
            labels |= dict.fromkeys(("en", "de", "fr", "es"), f"{given} {surname}")
            middle = chance.choice(first).capitalize()
            aliases = {"en": [f"{given[0]}. {surname}", f"{given} {middle} {surname}"]}
            yield entity(
                identifier, labels, instance_of=["Q5"], aliases=aliases, citizen=country, pages=pages
            )
            continue
        suffix = f" {chance.choice(SUFFIXES)}" if kind == "organisation" else ""
        labels = {code: name.capitalize() + suffix for code, name in spelled.items()}
        labels["de"] = labels["fr"] = labels["en"]
        aliases = {
            "en": [f"{surname} {spelled['en'][:3].capitalize()}{suffix}", f"{suffix.strip()} {surname}er"]
        }
        people = int(chance.paretovariate(0.8) * 3_000) if kind == "place" else None
        yield entity(
            identifier,
            labels,
            instance_of=[chance.choice(CLASSES[kind])],
            aliases=aliases,
            country=country,
            people=people,
            pages=pages,
        )


def write(path: Path, names: int) -> int:
    """Writes a dump that brings about ``names`` keys; returns its size in bytes, not compressed."""
    size = 0
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(b"[\n")
        for row in invented(int(names / NAMES_EACH)):
            size += file.write(orjson.dumps(row) + b",\n")
        file.write(b"]\n")
    return size


def measure(folder: Path) -> dict[str, float]:
    """Loads a knowledge base and links real articles with it."""
    start = time.process_time()
    linker = Linker(Compiled(folder))
    linker.link("Sergei Lavrov in Berlin.", "en")
    loaded = time.process_time() - start
    texts = [(bcp47(lang), text[:ARTICLE]) for _, lang, text in news()][::16]
    rates = []
    for _ in range(2):
        start = time.process_time()
        for tag, text in texts:
            linker.link(text, tag)
        rates.append(sum(len(text) for _, text in texts) / ARTICLE / (time.process_time() - start))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"load": loaded, "first": rates[0], "second": rates[1], "memory": memory}


def main() -> None:
    """Prints the measurements."""
    if sys.argv[1:2] == ["--measure"]:
        sys.stdout.buffer.write(orjson.dumps(measure(Path(sys.argv[2]))))
        return
    names = int(sys.argv[1]) if sys.argv[1:] else 760_000
    out = sys.stdout.write
    with tempfile.TemporaryDirectory(prefix="knowledge-") as work:
        dump, large = Path(work) / "dump.json.gz", Path(work) / "kb"
        size = write(dump, names)
        out(f"dump: {size / 1e6:,.0f} MB, {dump.stat().st_size / 1e6:,.0f} MB compressed\n")
        program = "from streams.cli import main; main()"
        flags = ["kb", "import", "--wikidata", str(dump), "--out", str(large)]
        before, start = os.times(), time.monotonic()
        subprocess.run([sys.executable, "-c", program, *flags], check=True, stderr=subprocess.DEVNULL)
        after, wall = os.times(), time.monotonic() - start
        cpu = after.children_user + after.children_system - before.children_user - before.children_system
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        out(f"import: {cpu:.0f} s of CPU ({wall:.0f} s), {memory:.0f} MB of memory at most\n")
        for folder in (FOLDER, large, FOLDER, large):
            done = subprocess.run(
                [sys.executable, "-m", "tests.bench.knowledge", "--measure", str(folder)],
                check=True,
                capture_output=True,
            )
            found = orjson.loads(done.stdout)
            meta = orjson.loads((folder / "meta.json").read_bytes())
            disk = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
            out(f"{meta['aliases']:,} names, {meta['entities']:,} entities, {disk:.0f} MB: ")
            out(f"load {found['load']:.3f} s, {found['first']:.0f} then {found['second']:.0f} articles/s, ")
            out(f"memory {found['memory']:.0f} MB\n")


if __name__ == "__main__":
    main()
