"""Finds the columns of x and y in a file: those that the user chose, or by their headings."""

from __future__ import annotations

import re
from collections.abc import Sequence

from quadfit_tui.core.config.two_columns import column_name
from quadfit_tui.core.model.samples.sample_text import SampleFileError
from quadfit_tui.core.text.language import _, comma_separated, ngettext, with_remark
from quadfit_tui.core.text.quoting import LONGEST_TEXT, did_you_mean, normalized, quoted, shown_name, with_allowed

_MOST_NAMED = 8  # maximum number of headings in a message


class ColumnsError(SampleFileError):
    """The chosen columns are not in the file; the message is written after the choice."""

    parameter = "columns"


def choose_columns(names: Sequence[str], width: int, chosen: tuple[str, str] | None, line: int = 0) -> tuple[int, int]:
    """Returns the indices of x and y among `width` columns: those `chosen` by the user, or by their headings `names`.

    `names` is empty if there are no headings. `line` is the number of the first row, for the message of an error; 0 if
    the data have no lines. Raises SampleFileError if the columns are not found, or not known.
    """
    if chosen is not None:
        return _place(chosen[0], names, width), _place(chosen[1], names, width)
    if (known := known_columns(names, width)) is not None:
        return known
    if len({*names[:2]} - {""}) == 2:
        examples = [shown_name(column_name(name[:40])) for name in names[:2]]
    else:
        examples = ["1", "2"]
    problem = ngettext("has {n} column", "has {n} columns", width)
    if any(names):
        problem = with_remark(problem, _listed(names))
    if line:
        problem = _("line {line} {problem}").format(line=line, problem=problem)
    allowed = _("two, x and y, or two chosen by columns, such as {names}").format(names=",".join(examples))
    raise SampleFileError(with_allowed(problem, allowed))


def known_columns(names: Sequence[str], width: int) -> tuple[int, int] | None:
    """Returns the indices of x and y by the headings or by `width`, if the user chose none; None if not known."""
    folded = [name.lstrip("% ").casefold() for name in names]  # MATLAB writes headings as comments
    if folded.count("x") == folded.count("y") == 1:
        return folded.index("x"), folded.index("y")
    if width == 2:
        return 0, 1
    if width == 3 and names and not names[0]:  # pandas and R write numbers or names of rows first
        return 1, 2
    return None


def column_word(names: Sequence[str], place: int) -> str:
    """Returns a column's word in the parameter `columns`: its heading if usable, or else its number from 1."""
    name = names[place] if names else ""
    is_usable = name.isprintable() and 0 < len(name) <= LONGEST_TEXT and names.count(name) == 1
    return name if is_usable else str(place + 1)


def _place(word: str, names: Sequence[str], width: int) -> int:
    """Returns the index of the column with the heading or number (from 1) `word`; raises ColumnsError."""
    exact = [place for place, name in enumerate(names) if name == word]
    places = exact or [place for place, name in enumerate(names) if name.casefold() == word.casefold()]
    if len(places) > 1:
        problem = _("names {word}, which heads columns {one} and {other}; allowed: the number of a column")
        raise ColumnsError(problem.format(word=quoted(word), one=places[0] + 1, other=places[1] + 1))
    if places:
        return places[0]
    number = normalized(word)
    if re.fullmatch("[0-9]+", number) and 1 <= int(number) <= width:
        return int(number) - 1
    problem = _("names {word}, which is no column of the file").format(word=quoted(word))
    if any(names):
        allowed = _("two of its headings ({headings}), or numbers from 1 to {last}")
    else:
        allowed = _("two numbers from 1 to {last}")
    allowed = allowed.format(headings=_listed(names), last=width)
    raise ColumnsError(with_allowed(did_you_mean(problem, word, names), allowed))


def _listed(names: Sequence[str]) -> str:
    """Formats the headings for a message, at most _MOST_NAMED of them."""
    headings = comma_separated([shown_name(column_name(name[:40])) if name else "–" for name in names[:_MOST_NAMED]])
    more = len(names) - _MOST_NAMED
    return _("{names} and {n} more").format(names=headings, n=more) if more > 0 else headings
