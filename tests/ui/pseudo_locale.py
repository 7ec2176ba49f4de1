"""Texts as in a language of wide characters: letters of prose in their full-width forms, numbers as they are."""

import re
from dataclasses import replace
from itertools import pairwise

from rich.cells import cell_len
from wide_texts import narrowed, widened

from quadfit_tui.core.config.parameters import Parameter
from quadfit_tui.core.session.twins import TWINS
from quadfit_tui.ui.charts.spec import ChartSpec
from quadfit_tui.ui.views.view_table import VIEWS

# What is no prose of a lesson: what stands for expressions, targets of links, attributes of steps, marks of rows.
_NO_PROSE = re.compile(r"`[^`]*`|\]\([^)]*\)|\{#[^}]*\}|^- (?:\[[x ]\]|hint:|note:)", re.MULTILINE)
_QUOTED = re.compile(r'^((?:title|aim) = )"(.*)"$', re.MULTILINE)
_LETTER = re.compile(r"(?<!\d)[A-Za-z]")  # that of 1e-5 is a part of the number


def wide(text):
    """A text whose letters take two columns each."""
    return _LETTER.sub(lambda found: widened(found[0]), text)


def columns(text):
    """The columns of a text, as they are counted elsewhere."""
    return sum(map(cell_len, text))


def cells(text):
    """What stands in each column of a text, with what combines with it: nothing in the right half of a wide one."""
    return [cell for char in re.findall(r"\S[\u0300-\u036f]*|\s", text) for cell in (char, "")[: cell_len(char)]]


def translated(lesson):
    """The text of a lesson in wide letters, which asks and expects the same."""
    _, front, body = lesson.split("+++\n", 2)
    front = _QUOTED.sub(lambda found: f'{found[1]}"{wide(found[2])}"', front)
    ends = [0, *(end for found in _NO_PROSE.finditer(body) for end in found.span()), len(body)]
    pieces = [body[begin:end] for begin, end in pairwise(ends)]
    return f"+++\n{front}+++\n" + "".join(piece if at % 2 else wide(piece) for at, piece in enumerate(pieces))


def twice(text):
    """A text with each wide letter written as two in ASCII, which take as many columns."""
    return "".join(2 * narrowed(char) if "Ａ" <= char <= "ｚ" else char for char in text)


def translate(monkeypatch, spell=wide):
    """Puts the names of parameters and twins, and all that charts say, into wide letters, or otherwise."""
    own = Parameter.label
    monkeypatch.setattr(Parameter, "label", property(lambda parameter: spell(own.fget(parameter))))
    for name, row in TWINS.items():
        monkeypatch.setitem(TWINS, name, row._replace(words=spell(row.words)))

    def translated_view(view):
        def draw(scene, words):
            with monkeypatch.context() as patched:
                patched.setattr(Parameter, "label", own)  # no text twice
                return _spelled(view.draw(scene, words), spell)

        return view._replace(draw=draw)

    for name, view in VIEWS.items():
        monkeypatch.setitem(VIEWS, name, translated_view(view))


def _spelled(spec, spell):
    if not isinstance(spec, ChartSpec):
        return spec._replace(rows=tuple(row._replace(text=wide(row.text)) for row in spec.rows))
    return replace(
        spec,
        x_name=spell(spec.x_name),
        y_name=spell(spec.y_name),
        series=tuple(replace(each, label=spell(each.label), brief=spell(each.brief)) for each in spec.series),
        notes=tuple(replace(each, text=spell(each.text)) for each in spec.notes),
    )
