"""Words too common to be a name on their own: jusText's stop lists, and CLDR's months and days."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import replace
from functools import lru_cache

import justext
from babel import Locale, UnknownLocaleError

from agents.entities.knowledge.records import ANY, Record
from agents.entities.spelling.fold import CASED, HANGUL, key
from agents.entities.spelling.inflection import bases
from agents.entities.spelling.languages import language

_GREAT = 4.6
"""Weight of a city of a million."""
_LONG = 8
"""Letters of a city's name that is hardly another word."""
_MARKS = ".,;:!?)»”\"'"
"""What stop lists leave behind a word."""
_WORDS_FIRST = {
    "ar": "المدينة مدينة الجزيرة كان الصور صور كيف بن ميدان أبا ليل كالة صباح الصباح الشرقية الغربية",
    "he": "קום פונה ציון שלם צור אורי טובה הטובה", "fa": "میدان بن دوشنبه", "ur": "بن والے",
    "ka": "ქართული დილი კანი შანსი", "hi": "हिन्दी", "ne": "हिन्दी हवाई", "mr": "तुला दिली हवाई", "bn": "একর",
    "ta": "கான் கோவை ஏக்கர் மாதிரி மாதிரியை", "te": "మెయిన్", "ml": "മധുര മാഹി بن ഇമ്പീരിയൽ", "kn": "ಸಮರ",
    "lt": "imperija",
}  # fmt: skip
"""Names of cities and regions that are ordinary words first: ``كيف`` asks how, and is Kyiv in few spellings."""

_NO_PLACES = {
    "ko": "우리 보 메인 머리",
    "zh": "胜利 勝利 北方 中央 太平 喷泉 劫持 海滨 海濱 可可 三湖 五角",
    "gu": "હવાઈ જુબાની",
}
"""Names of places that are ordinary words first, where a name needs no capital: ``우리`` is we, and a canton."""

_LISTS = {
    "af": "Afrikaans", "sq": "Albanian", "ar": "Arabic", "hy": "Armenian", "az": "Azerbaijani", "eu": "Basque",
    "be": "Belarusian", "bn": "Bengali", "bs": "Bosnian", "bg": "Bulgarian", "ca": "Catalan", "ceb": "Cebuano",
    "hr": "Croatian", "cs": "Czech", "da": "Danish", "nl": "Dutch", "en": "English", "eo": "Esperanto",
    "et": "Estonian", "fi": "Finnish", "fr": "French", "gl": "Galician", "ka": "Georgian", "de": "German",
    "el": "Greek", "gu": "Gujarati", "he": "Hebrew", "hi": "Hindi", "hu": "Hungarian", "is": "Icelandic",
    "id": "Indonesian", "ga": "Irish", "it": "Italian", "jv": "Javanese", "kn": "Kannada", "kk": "Kazakh",
    "ku": "Kurdish", "ky": "Kyrgyz", "lv": "Latvian", "lt": "Lithuanian", "lb": "Luxembourgish", "mk": "Macedonian",
    "ms": "Malay", "ml": "Malayalam", "mt": "Maltese", "mr": "Marathi", "ne": "Nepali", "no": "Norwegian_Bokmal",
    "fa": "Persian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sr": "Serbian",
    "sk": "Slovak", "sl": "Slovenian", "es": "Spanish", "sw": "Swahili", "sv": "Swedish", "fil": "Tagalog",
    "ta": "Tamil", "te": "Telugu", "tr": "Turkish", "tk": "Turkmen", "uk": "Ukrainian", "ur": "Urdu", "uz": "Uzbek",
    "vi": "Vietnamese", "cy": "Welsh", "yo": "Yoruba", "ko": "Korean",
}  # fmt: skip


def common_words() -> Iterator[tuple[str, str]]:
    """Yields pairs of language and word."""
    for code, name in _LISTS.items():
        for word in justext.get_stoplist(name):
            yield code, word
        try:
            locale = Locale.parse(code)
        except UnknownLocaleError:
            continue
        for calendar in (locale.months, locale.days):
            for width in ("wide", "abbreviated"):
                for context in ("format", "stand-alone"):
                    for word in calendar[context][width].values():
                        yield code, str(word).rstrip(".")


def without_cities(words: Iterable[tuple[str, str]], records: Iterable[Record]) -> Iterator[tuple[str, str]]:
    """Yields of ``words`` those that are no name of a capital, a city of a million or a region, nor a long one of a
    city, in any case.

    In scripts without capitals, where a common word is no name at all, and not in Korean, where such a name is
    believed all the same: the stop lists are counted on texts, and count the cities that these are about. In those
    with capitals only cases that say where (``Šiauliuose``).
    """
    cities: dict[str, set[str]] = {}
    for record in records:
        if record.kind in ("capital", "city", "region"):
            great = record.weight >= _GREAT
            for tongue, names in record.names.items():
                called = filter(lambda name: great or len(name) >= _LONG, map(key, names))
                cities.setdefault(tongue, set()).update(called)
    known: dict[str, Callable[[str], bool]] = {}
    for code, word in words:
        folded = key(word)
        if folded and not HANGUL.search(word):
            if code not in known:
                known[code] = _called(code, cities)
            forms = (folded, *bases(folded, code)[:2])
            if CASED.search(word):
                local = len(folded) >= _LONG and word.lower().rstrip(_MARKS).endswith(language(code).local)
                forms = forms[1:] if local else ()
            if any(map(known[code], forms)):
                continue
        yield code, word


def without_words(record: Record) -> Record:
    """Returns a place without those of its names that are ordinary words first."""
    if record.type != "LOC":
        return record
    names = {
        language: tuple(name for name in listed if key(name) not in _no_places())
        for language, listed in record.names.items()
    }
    return record if names == record.names else replace(record, names=names)


@lru_cache(1)
def _no_places() -> frozenset[str]:
    return frozenset(key(word) for listed in _NO_PLACES.values() for word in listed.split())


def _called(code: str, cities: Mapping[str, Set[str]]) -> Callable[[str], bool]:
    """Returns what tells whether a city is called so in a language, where the word is not another first."""
    anywhere, own, first = cities.get(ANY, set()), cities.get(code, set()), _first(code)
    return lambda word: word not in first and (word in anywhere or word in own)


def _first(code: str) -> frozenset[str]:
    return frozenset(key(word) for word in _WORDS_FIRST.get(code, "").split())
