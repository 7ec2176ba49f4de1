"""Texts as in a language of wide characters: each ASCII letter of prose in its full-width form, numbers as they are."""

import re
from dataclasses import replace
from itertools import pairwise

from rich.cells import cell_len

from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.session.twins import TWINS

# What is no prose of a lesson: what stands for expressions, targets of links, attributes of steps, marks of rows.
_NO_PROSE = re.compile(r"`[^`]*`|\]\([^)]*\)|\{#[^}]*\}|^- (?:\[[x ]\]|hint:|note:)", re.MULTILINE)
_QUOTED = re.compile(r'^((?:title|aim) = )"(.*)"$', re.MULTILINE)
_LETTERS = {ord(letter): chr(ord(letter) + 0xFEE0) for letter in map(chr, range(128)) if letter.isalpha()}


def wide(text):
    """A text whose letters take two columns each."""
    return text.translate(_LETTERS)


def columns(text):
    """The columns of a text, as they are counted elsewhere."""
    return sum(map(cell_len, text))


def cells(text):
    """What stands in each column of a text: nothing in the right half of a wide character."""
    return [cell for char in text for cell in (char, "")[: cell_len(char)]]


def translated(lesson):
    """The text of a lesson in wide letters, which asks and expects the same."""
    _, front, body = lesson.split("+++\n", 2)
    front = _QUOTED.sub(lambda found: f'{found[1]}"{wide(found[2])}"', front)
    ends = [0, *(end for found in _NO_PROSE.finditer(body) for end in found.span()), len(body)]
    pieces = [body[begin:end] for begin, end in pairwise(ends)]
    return f"+++\n{front}+++\n" + "".join(piece if at % 2 else wide(piece) for at, piece in enumerate(pieces))


def translate(monkeypatch):
    """The names of parameters and twins in wide letters, in whatever is made from now on."""
    for name, parameter in PARAMETERS.items():
        monkeypatch.setitem(PARAMETERS, name, replace(parameter, label=wide(parameter.label)))
    for name, row in TWINS.items():
        monkeypatch.setitem(TWINS, name, row._replace(words=wide(row.words)))
