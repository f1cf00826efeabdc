"""How far an alias may be believed where it stands: not at all, with evidence from the article, or at once."""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache

from agents.entities.knowledge.kb import ONE_WORD, Lexicon
from agents.entities.knowledge.records import AT_WAR, NOTED
from agents.entities.linking.candidates import Option, Span
from agents.entities.linking.text import Words
from agents.entities.spelling.fold import key
from agents.entities.spelling.fold import words as split
from agents.entities.spelling.languages import Language, language
from agents.entities.spelling.names import similarity
from agents.entities.spelling.outline import outline

_MIN_TOWN = 4
"""Letters of a town's name that is believed where it stands as a place does."""
_BIG_CITY = 4.6
"""Weight of a city of a million: believed without evidence."""
_CITY = 3.2
"""Weight of a city of 250,000: believed if the article names its country."""
_LONG_NAME = 2.3
"""Weight of a city of 100,000: believed, with evidence, if its name has several words."""
_MIN_UNCASED = 4
"""Letters of a name written together with a preposition, where capitals do not tell names from words."""
_MIN_ACRONYM_TITLE = 4
"""``Nato`` may be written so; ``Who`` is a word."""

_REMEMBERED = 4_096
"""Names whose words are remembered: those of a few hundred articles."""
_PREFIXED = 1
"""Letters before an article: ``والبحري``."""
_SAME_GIVEN = 0.75
"""Likeness from which two given names are one in two spellings."""
_PLACES = frozenset({"place", "region"})
_CALLED_SO = 9.4
"""Weight of a person whom one word names without evidence."""
_SHORT_WORD = 3
_HALF = 4
"""Most letters of a foreign surname in a script without spaces; more may be a whole name."""
_PARTED = frozenset(" ·・＝=‧•.-")
"""What parts a foreign person's names in scripts without spaces."""
_UNPARTED = frozenset(
    {"CN", "TW", "HK", "MO", "JP", "KR", "KP", "SG", "VN", "MM", "TH", "LA", "KH", "MN", "BT"}
)
"""Countries whose persons' full names are written as one word in some script."""
_SHORT_FORM = 5
"""Letters of a case form that may be any other word."""
_MIN_COMPOUND = 3
_MIN_GIVEN = 4
"""Letters of a given name that is no word of any language: not ``An``, ``Can``."""
_PREFIXES = frozenset({
    "anti", "ex", "inter", "mid", "neo", "non", "post", "pre", "pro", "trans", "central", "zentral", "mittel",
    "north", "south", "east", "west", "nord", "sud", "syd", "sor", "est", "ost",
})  # fmt: skip
"""Prefixes that most languages with capitals share, and the directions: they leave a name what it is."""


class Belief(IntEnum):
    """How far an option may be believed."""

    NO = 0
    WITH_EVIDENCE = 1
    AT_ONCE = 2


def belief(option: Option, span: Span, words: Words, code: str, lexicon: Lexicon) -> Belief:
    """Returns how far ``option`` may be believed at ``span``."""
    at = span.first
    cased, capital = words.cased[at], words.capital[at]
    kind = option.kind
    rules = language(code)
    if rules.followed and _something_else(span, words, rules):
        return Belief.NO
    if option.item.type == "LOC" and words.before(at) in rules.waters and _a_water(span):
        return Belief.AT_ONCE if option.item.kind in _PLACES else Belief.NO
    if kind in ("adjective", "proper_adjective"):
        if not option.own or (kind == "proper_adjective" and cased and not capital):
            return Belief.NO
        if option.method != "exact" and cased:
            return Belief.NO
        return Belief.WITH_EVIDENCE if option.item.common_word else Belief.AT_ONCE
    item = option.item
    if item.kind == "office":
        return Belief.AT_ONCE if option.own else Belief.NO
    single = span.last == at + 1
    titled = not single and item.type == "PER" and words.word[at] in language(code).roles
    if cased and not capital and not titled:
        return Belief.NO
    place = item.type == "LOC" and item.kind != "country"
    if single and place and words.hyphened(at) and _compound(words, at, code, lexicon):
        return Belief.NO
    if single and item.type == "LOC" and _office_word(words, at, code):
        return Belief.NO
    if single and cased and item.kind == "city" and _determined(words, at, code):
        return Belief.NO
    if single and place and option.method == "inflected" and _no_form(option, words, at, code, lexicon):
        return Belief.NO
    if (
        single
        and cased
        and item.type == "LOC"
        and option.method == "exact"
        and _surname(words, at, code, lexicon)
    ):
        return Belief.NO
    if not single and item.type == "ORG" and _adjective(words, span, code, lexicon):
        return Belief.NO
    if not cased and single and option.method == "inflected" and not words.hangul[at]:
        short = len(words.word[at]) - 1 < _MIN_UNCASED
        if not option.own or (short and item.kind != "country" and item.weight < NOTED):
            return Belief.NO
        if short and item.kind != "country":
            return Belief.WITH_EVIDENCE
    if words.hangul[at] and single and item.weight < NOTED:
        if lexicon.common(words.folded[span.start : span.end], code):
            return Belief.NO
    elif not cased and single and item.kind != "country" and not words.unspaced[at] and not words.hangul[at]:
        if lexicon.common(words.word[at], code) and not _often_named(option, code):
            return Belief.NO
        if item.type == "LOC" and len(words.word[at]) < _MIN_UNCASED:
            if item.weight >= NOTED and option.own and _located(words, at, code):
                return Belief.AT_ONCE
            return Belief.WITH_EVIDENCE if item.weight >= NOTED and option.own else Belief.NO
    if item.common_word:
        opening = single and cased and words.initial[at]
        return Belief.WITH_EVIDENCE if option.own and not opening else Belief.NO
    surface = words.text[span.start : span.end]
    if kind == "acronym":
        return _acronym(option, surface, words, at, code, lexicon)
    if item.type == "PER" and single and _other_given(option, words, at, lexicon):
        return Belief.NO
    if kind == "surname":
        common = (
            cased
            and lexicon.common(words.word[at], code)
            and (words.initial[at] or _dated(words, at, code) or words.in_capitals(at))
        )
        strange = option.method != "exact" and not option.own
        given = cased and single and item.weight < _CALLED_SO and lexicon.given(words.word[at])
        if common or strange or len(surface) < 3 or given:
            return Belief.NO
        return Belief.WITH_EVIDENCE
    if option.method == "skeleton" and not cased and single and len(outline(key(item.name))) <= ONE_WORD:
        return Belief.NO if item.kind == "city" and item.weight < _BIG_CITY else Belief.WITH_EVIDENCE
    minor = item.weight < NOTED
    if (item.kind == "city" and (item.id.startswith("gn:") or not cased)) or (item.kind in _PLACES and minor):
        return _city(option, span, words, code, lexicon)
    if not single:
        return _phrase(option, span, words, code)
    if not cased:
        sure = option.own and not (item.type == "PER" and _half(option, surface, words, at))
        return Belief.AT_ONCE if sure else Belief.WITH_EVIDENCE
    if item.kind == "organisation" and minor:
        return Belief.WITH_EVIDENCE if option.own else Belief.NO
    if lexicon.common(words.word[at], code) and item.type != "LOC" and words.initial[at]:
        return Belief.WITH_EVIDENCE
    if item.kind == "country" and (not option.own or (option.method != "exact" and len(surface) < 5)):
        return Belief.WITH_EVIDENCE
    if len(surface) < 4 and not surface.isupper() and (option.method != "exact" or not option.own):
        return Belief.NO
    return Belief.AT_ONCE if option.own else Belief.WITH_EVIDENCE


def _something_else(span: Span, words: Words, rules: Language) -> bool:
    """Tells whether what stands behind a name makes something else of it: ``小米粥``, ``Turkey breast``."""
    listed = rules.followed.get(words.folded[span.start : span.end])
    return listed is not None and words.folded.startswith(listed, span.end)


def _a_water(span: Span) -> bool:
    """Tells whether a span may be a river or another place that is no town."""
    return any(option.item.kind == "place" for option in span.options)


def _office_word(words: Words, at: int, code: str) -> bool:
    """Tells whether a word and the next are a title in the text's language: ``Bí thư`` names no Belgium (``Bỉ``)."""
    roles = language(code).roles
    after = at + 1
    return (
        words.word[at] in roles
        and after < len(words.word)
        and words.joined[after]
        and not words.capital[after]
        and words.word[after] in roles
    )


def _no_form(option: Option, words: Words, at: int, code: str, lexicon: Lexicon) -> bool:
    """Tells whether a word is no form of a place's name: a given name, or an article was taken off to find it."""
    word = words.word[at]
    if words.cased[at]:
        return lexicon.given(word)
    for article in language(code).articles:
        start = word.find(article)
        if 0 <= start <= _PREFIXED:
            whole, bare = word[start:], word[start + len(article) :]
            return _names(bare, option, lexicon) and not _names(whole, option, lexicon)
    return False


def _determined(words: Words, at: int, code: str) -> bool:
    """Tells whether an article that no city's name takes goes before: ``das Essen``, where nouns have capitals."""
    articles = language(code).determiners
    if words.before(at) not in articles:
        return False
    return words.folded[words.end[at] : words.end[at] + 1] != "-"


def _surname(words: Words, at: int, code: str, lexicon: Lexicon) -> bool:
    """Tells whether a place's name is somebody's family name, as a given name before it shows: ``Michael Jordan``."""
    before = at - 1
    if not at or not words.joined[at]:
        return False
    if not (words.capital[before] and words.cased[before]) or words.hyphened(at) or words.in_capitals(at):
        return False
    given = words.word[before]
    if len(given) < _MIN_GIVEN or not lexicon.given(given) or lexicon.common(given, code):
        return False
    return words.text[words.end[before] : words.start[at]] == " " and not any(
        posting.kind in ("adjective", "proper_adjective") or lexicon.item(posting.entity).type != "PER"
        for posting in lexicon.find(given)
    )


def _half(option: Option, surface: str, words: Words, at: int) -> bool:
    """Tells whether a word of a script without capitals is only a part of a person's name: ``哈里斯``, ``설리번``."""
    item = option.item
    if item.weight >= _CALLED_SO or item.country in _UNPARTED or len(_named(item.name)) == 1:
        return False
    if (words.unspaced[at] or words.hangul[at]) and len(surface) > _HALF:
        return False
    return _PARTED.isdisjoint(surface)


def _often_named(option: Option, code: str) -> bool:
    """Tells whether a common word may be so as a case form of a noted place: ``இங்கிலாந்தின்``, of England."""
    item = option.item
    noted = item.type == "LOC" and item.weight >= NOTED and option.own
    return noted and option.method == "inflected" and not language(code).prefixes


def _names(word: str, option: Option, lexicon: Lexicon) -> bool:
    return any(lexicon.item(posting.entity).id == option.item.id for posting in lexicon.find(word))


def _other_given(option: Option, words: Words, at: int, lexicon: Lexicon) -> bool:
    """Tells whether a surname stands behind a given name that is not its bearer's: ``Laura Fernández``."""
    before = at - 1
    if not at or not words.joined[at] or not words.cased[before] or not words.capital[before]:
        return False
    given = words.word[before]
    if not lexicon.given(given) or words.in_capitals(at):
        return False
    own = _named(option.item.name)
    return given not in own and all(similarity([given], [one]) < _SAME_GIVEN for one in own[:-1])


@lru_cache(_REMEMBERED)
def _named(name: str) -> tuple[str, ...]:
    """Returns the words of an entity's name."""
    return tuple(split(name))


def _located(words: Words, at: int, code: str) -> bool:
    """Tells whether a word that is meant as a place's goes before or, of its own, after: ``في غزة``, ``कीव में``."""
    rules = language(code)
    if words.before(at) in rules.locative:
        return True
    return words.continued(at) and not words.cased[at] and words.word[at + 1] in rules.particles


def _cased_inside(option: Option, words: Words, at: int, code: str) -> bool:
    """Tells whether a common word is so as the case form of a town: with a capital inside a sentence, in a language
    that says where by its endings (``Pärnus``), since lists of common words are counted on texts about towns too."""
    rules = language(code)
    return (
        option.method == "inflected"
        and not (rules.locative and not rules.local)
        and len(words.word[at]) > _SHORT_FORM
        and not (words.initial[at] or words.in_capitals(at))
    )


def _visited(option: Option, words: Words, at: int, code: str, lexicon: Lexicon) -> bool:
    """Tells whether a town too small to be believed by its name stands as a place does.

    A word for a place goes before it (``in Rochdale``), not after a given name (``Klaus von Essen``); it ends as what
    says where does (``Jelgavā``), or in a language that has no such words in a case of its language (``Szolnoknál``).
    """
    if len(words.word[at]) < _MIN_TOWN or option.method == "skeleton":
        return False
    if words.continued(at) and words.cased[at + 1] and words.capital[at + 1] and not words.parted(at + 1):
        return False  # "Jackson Hole"
    rules = language(code)
    if rules.local and words.text[words.start[at] : words.end[at]].lower().endswith(rules.local):
        return True
    if not rules.locative:
        return option.method == "inflected" and not rules.particles
    if words.before(at) not in rules.locative:
        return False
    return not (at > 1 and words.joined[at - 1] and lexicon.given(words.word[at - 2]))


def _dated(words: Words, at: int, code: str) -> bool:
    """Tells whether a common word with a capital stands as a month does: beside a number, after ``in``, ``until``."""
    rules = language(code)
    around = words.word[max(0, at - 1) : at + 2]
    before = words.before(at)
    return before in rules.locative or before in rules.dating or any(one.isdecimal() for one in around)


def _compound(words: Words, at: int, code: str, lexicon: Lexicon) -> bool:
    """Tells whether the word before a hyphen makes another name of it, being no name itself: ``Crans-Montana``."""
    before = words.word[at - 1]
    if not (words.cased[at - 1] and words.capital[at - 1]) or words.hyphened(at - 1):
        return False
    if len(before) < _MIN_COMPOUND:  # "R-Arizona"
        return False
    return not (before in _PREFIXES or lexicon.common(before, code) or lexicon.opens(before))


def _adjective(words: Words, span: Span, code: str, lexicon: Lexicon) -> bool:
    """Tells whether a hyphen makes a nationality of what is else an organisation: ``Anglo-American``."""
    last = span.last - 1
    if last != span.first + 1 or not words.hyphened(last):
        return False
    return any(
        one.kind in ("adjective", "proper_adjective") and one.language == code
        for one in lexicon.find(words.word[last])
    )


def _acronym(option: Option, surface: str, words: Words, at: int, code: str, lexicon: Lexicon) -> Belief:
    if surface.isupper():
        if option.method != "exact" and words.cased[at]:
            return Belief.NO
        if option.own:
            return Belief.AT_ONCE
        strange = lexicon.common(words.word[at], code) or words.in_capitals(at)
        return Belief.NO if words.cased[at] and strange else Belief.WITH_EVIDENCE
    if len(surface) < _MIN_ACRONYM_TITLE or not surface[:1].isupper() or lexicon.common(words.word[at], code):
        return Belief.NO
    if option.method != "exact":
        return Belief.WITH_EVIDENCE if surface[:2].isupper() else Belief.NO
    return Belief.WITH_EVIDENCE if words.initial[at] else Belief.AT_ONCE


def _city(option: Option, span: Span, words: Words, code: str, lexicon: Lexicon) -> Belief:
    at, weight = span.first, option.item.weight
    if span.last > at + 1:
        if not all(words.capital[n] or len(words.word[n]) <= 3 for n in range(at, span.last)):
            return Belief.NO
        if weight >= _CITY and option.own:
            return Belief.AT_ONCE
        sure = weight >= _LONG_NAME or words.before(at) in language(code).locative
        return Belief.WITH_EVIDENCE if sure else Belief.NO
    if not words.cased[at]:
        if weight >= _BIG_CITY:
            return Belief.AT_ONCE
        return (
            Belief.WITH_EVIDENCE
            if weight >= _CITY or _visited(option, words, at, code, lexicon)
            else Belief.NO
        )
    if lexicon.given(words.word[at]) and option.item.id.startswith("gn:"):
        return Belief.NO
    if lexicon.common(words.word[at], code) and not _cased_inside(option, words, at, code):
        return Belief.NO
    if weight < AT_WAR and not _visited(option, words, at, code, lexicon):
        return Belief.NO
    return (
        Belief.AT_ONCE
        if weight >= _BIG_CITY and not words.initial[at] and option.own
        else Belief.WITH_EVIDENCE
    )


def _phrase(option: Option, span: Span, words: Words, code: str) -> Belief:
    """A name of several words: enough of them must have capitals, where the script has them, or be titles."""
    capitals = long = 0
    for at in range(span.first, span.last):
        if not words.cased[at]:
            return Belief.AT_ONCE
        named = words.named(at) or (at == span.first and words.word[at] in language(code).roles)
        if len(words.word[at]) > 3 or named:
            long += 1
            capitals += named
    if option.item.type == "PER":
        return Belief.AT_ONCE if capitals == long else Belief.NO
    apart = words.folded[words.end[span.first] : words.start[span.first + 1]] == " "  # not "Oʻzbekiston"
    short = len(words.word[span.first]) <= _SHORT_WORD and words.initial[span.first] and apart
    plain = short and capitals == 1 < long  # "Les républicains" opens a sentence
    return Belief.AT_ONCE if option.own and not plain else Belief.WITH_EVIDENCE
