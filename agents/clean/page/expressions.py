"""Trafilatura's XPath expressions, asked in Python.

A fifth of the time of a page went into a dozen expressions that ask of each element whether its class or its id holds
one of many words: each question calls from C back into Python. Most of them look at nothing but an element's own name
and attributes. So those are read here, and asked once of each way in which the elements of a page are written.

Which expressions are of this kind is read from their text. Whatever else one holds (a path, a position, a function
not known here) leaves it to the library's own evaluation: a new version of it may be slower, but finds the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

from lxml.etree import XPath
from lxml.html import HtmlElement

Expression: TypeAlias = Callable[[HtmlElement], list[HtmlElement]]
_Attribute: TypeAlias = tuple[str, ...]
"""Names of attributes of which the first that an element has is asked for; mostly one."""
_Values: TypeAlias = Sequence[str | None]
"""What an element has for each attribute asked for."""
_Test: TypeAlias = Callable[[str, _Values], bool]
"""Says of an element's name and attributes whether it is meant."""

_TOKEN = re.compile(r"\s*('[^']*'|\"[^\"]*\"|\.//|@[\w-]+|self::[\w-]+|[\w-]+(?::[\w-]+)?|\S)\s*")
_NAME = re.compile(r"[a-z][a-z0-9]*|\*")
_SELF = "self::"
_ANY = "*"


class UnknownExpression(ValueError):  # noqa: N818 - no error: it is evaluated as ever
    """An expression that asks for more than this module knows."""


def asked_in_python(expression: XPath) -> Expression:
    """Returns what finds the same elements in any tree, in the same order, but sooner; else ``expression`` itself."""
    try:
        return Asked(expression)
    except UnknownExpression:
        return cast(Expression, expression)


class Asked:
    """An expression that looks at nothing but each element's own name and attributes, or begins so."""

    __slots__ = ("_attributes", "_expression", "_first", "_paths", "_rest", "_walk")

    def __init__(self, expression: XPath) -> None:
        """Reads an expression.

        Raises:
            UnknownExpression: it asks for something else from its beginning.
        """
        reader = _Reader(expression.path)
        self._expression = expression
        self._first = reader.took("(")
        """Whether only the first of all elements is meant."""
        self._paths = [reader.path()]
        while reader.took("|"):
            self._paths.append(reader.path())
        if self._first:
            reader.take(")", "[", "1", "]")
        self._rest = reader.rest()
        """What else is asked of the elements; then this tells only that there can be none."""
        if self._rest and (self._first or len(self._paths) > 1 or self._paths[0].test is None):
            raise UnknownExpression(expression.path)
        self._attributes = tuple(reader.attributes)
        named = frozenset().union(*(path.names for path in self._paths))
        self._walk = sorted(named) if all(path.names for path in self._paths) else (_ANY,)

    def __call__(self, tree: HtmlElement) -> list[HtmlElement]:
        """Returns what the expression finds in ``tree``."""
        elements = list(tree.iterdescendants(*self._walk))
        # column by column: a call for each element would cost as much as the expression
        names = [element.tag for element in elements]
        columns = [_column(elements, attribute) for attribute in self._attributes]
        values = list(zip(*columns, strict=True)) if columns else [()] * len(elements)
        shapes = list(zip(names, values, strict=True))
        written = set(shapes)
        meant = {shape for path in self._paths for shape in written if path.means(*shape)}
        found = (
            [element for element, shape in zip(elements, shapes, strict=True) if shape in meant]
            if meant
            else []
        )
        if found and self._rest:
            found = _first_children(found) if self._rest == ["[", "1", "]"] else self._expression(tree)
        return found[:1] if self._first else found


def _column(elements: Sequence[HtmlElement], attribute: _Attribute) -> list[str | None]:
    """Returns what each element has for ``attribute``."""
    columns = [[element.get(name) for element in elements] for name in attribute]
    if len(columns) == 1:
        return columns[0]
    column: list[str | None] = []
    for element, *values in zip(elements, *columns, strict=True):
        there = [value for value in values if value is not None]
        if len(there) > 1:  # in whichever order they stand
            there = [value for name, value in element.items() if name in attribute]
        column.append(there[0] if there else None)
    return column


def _first_children(elements: Iterable[HtmlElement]) -> list[HtmlElement]:
    """Returns those of ``elements`` that stand first among those of their parent."""
    firsts: dict[HtmlElement, HtmlElement] = {}
    for element in elements:
        firsts.setdefault(element.getparent(), element)
    return list(firsts.values())


@dataclass(frozen=True, slots=True)
class _Path:
    """One of the paths that an expression joins: ``.//div[contains(@class, 'footer')]``."""

    names: frozenset[str]
    """What the elements that it finds are called; empty where that may be anything."""
    test: _Test | None

    def means(self, name: str, values: _Values) -> bool:
        """Whether it finds an element of this name with these attributes."""
        return (not self.names or name in self.names) and (self.test is None or self.test(name, values))


class _Reader:
    """Reads the text of an expression, word by word."""

    def __init__(self, text: str) -> None:
        self._words: list[str] = [*_TOKEN.findall(text), ""]
        self._at = 0
        self.attributes: dict[_Attribute, int] = {}
        """The attributes asked for, and the place of each."""

    def took(self, word: str) -> bool:
        """Whether ``word`` came next; then it has been read."""
        came = self._words[self._at] == word
        self._at += came
        return came

    def take(self, *words: str) -> None:
        """Reads ``words``.

        Raises:
            UnknownExpression: something else came.
        """
        for word in words:
            if not self.took(word):
                raise UnknownExpression(self._words[self._at])

    def rest(self) -> list[str]:
        """Returns what has not been read."""
        return self._words[self._at : -1]

    def path(self) -> _Path:
        """Reads a path with the tests that ask of the element itself."""
        self.take(".//")
        name = self._next()
        if not _NAME.fullmatch(name):
            raise UnknownExpression(name)
        names = self._listed() if name == _ANY else frozenset((name,))
        test: _Test | None = None
        while self._words[self._at] == "[":
            at = self._at
            try:
                self.take("[")
                read = self._either()
                self.take("]")
            except UnknownExpression:
                self._at = at
                break
            test = _both(test, read) if test else read
        return _Path(names, test)

    def _next(self) -> str:
        self._at += 1
        return self._words[self._at - 1]

    def _listed(self) -> frozenset[str]:
        """Reads the names that the test which comes next lists, if it does nothing else."""
        words = self._words[self._at :]
        test = words[1 : words.index("]")] if words[0] == "[" and "]" in words else []
        if test and all(word.startswith(_SELF) for word in test[::2]) and set(test[1::2]) <= {"or"}:
            self._at += len(test) + 2
            return frozenset(word.removeprefix(_SELF) for word in test[::2])
        return frozenset()

    def _either(self) -> _Test:
        test = self._all()
        while self.took("or"):
            test = _one_of(test, self._all())
        return test

    def _all(self) -> _Test:
        test = self._one()
        while self.took("and"):
            test = _both(test, self._one())
        return test

    def _one(self) -> _Test:
        if self.took("not"):
            denied = self._one()
            return lambda name, values: not denied(name, values)
        if self.took("("):
            test = self._either()
            self.take(")")
            return test
        word = self._words[self._at]
        if word.startswith(_SELF):
            meant = self._next().removeprefix(_SELF)
            return lambda name, _: name == meant
        if word.startswith("@"):
            return self._attribute_test()
        return self._function()

    def _attribute_test(self) -> _Test:
        names = self._name_or_names()
        place = self._place(names)
        if self.took("="):
            if len(names) > 1:  # any of them may be what is wanted
                raise UnknownExpression("=")
            wanted = self._string()
            return lambda _, values: values[place] == wanted
        return lambda _, values: values[place] is not None

    def _function(self) -> _Test:
        """Reads a function of a text and a string."""
        function = self._next()
        self.take("(")
        text = self._text()
        self.take(",")
        string = self._string()
        if function == "re:test":
            flags = re.IGNORECASE if self.took(",") and "i" in self._string() else re.NOFLAG
            search = re.compile(string, flags).search
            self.take(")")
            return lambda _, values: search(text(values)) is not None
        self.take(")")
        if function == "contains":
            return lambda _, values: string in text(values)
        if function == "starts-with":
            return lambda _, values: text(values).startswith(string)
        raise UnknownExpression(function)

    def _text(self) -> Callable[[_Values], str]:
        if not self.took("translate"):
            place = self._attribute()
            return lambda values: values[place] or ""
        self.take("(")
        place = self._attribute()
        self.take(",")
        old = self._string()
        self.take(",")
        new = self._string()
        self.take(")")
        if len(old) != len(new):
            raise UnknownExpression(old)
        table = str.maketrans(old, new)
        return lambda values: (values[place] or "").translate(table)

    def _attribute(self) -> int:
        """Reads an attribute and returns its place."""
        return self._place(self._name_or_names())

    def _place(self, attribute: _Attribute) -> int:
        return self.attributes.setdefault(attribute, len(self.attributes))

    def _name_or_names(self) -> _Attribute:
        names = [self._name()]
        while self.took("|"):
            names.append(self._name())
        return tuple(names)

    def _name(self) -> str:
        word = self._next()
        if not word.startswith("@"):
            raise UnknownExpression(word)
        return word[1:]

    def _string(self) -> str:
        word = self._next()
        if word[:1] not in ("'", '"'):
            raise UnknownExpression(word)
        return word[1:-1]


def _both(first: _Test, second: _Test) -> _Test:
    return lambda name, values: first(name, values) and second(name, values)


def _one_of(first: _Test, second: _Test) -> _Test:
    return lambda name, values: first(name, values) or second(name, values)
