"""Splits a line into cells: quotes, comments, markers of missing values."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence

from quadfit_tui.core.model.samples.sample_text import LONGEST_LINE, SampleFileError
from quadfit_tui.core.text.language import _

MISSING = frozenset({"", "-", "–", "—", "na", "n/a", "#n/a", "#nv", "#div/0!", "<na>", "nan", "-nan", "null", "none"})
_TOTALS = """total totals subtotal sum mean average avg median std stdev summe gesamt gesamtsumme zwischensumme
mittelwert somme moyenne suma media 合计 总计 小计 总和 总数 共计 平均 平均值 均值 标准差"""
TOTALS = frozenset([*_TOTALS.split(), "grand total", "total général", "total general"])  # all in small letters
COMMENTS = "#", "%"
# The errors of spreadsheets, without their #.
_ERRORS = "N/A|DIV/0!|REF!|VALUE!|NAME\\?|NUM!|NULL!|NV|WERT!|BEZUG!|ZAHL!|VALEUR!|NOM\\?|NOMBRE!|NUL!"
# A comment behind a value; `50 %` has none, nor has a spreadsheet's error, such as #DIV/0!.
_COMMENT = re.compile(rf"(?<=.)#(?!{_ERRORS})|(?<=\s)%(?=\s*[^\W\d_])")
_BEGINS_WITH_ERROR = re.compile(rf"\s*#(?:{_ERRORS})\s*(?:[;,\t|]|$|[-+.\d])", re.IGNORECASE)
_NUMBER_IN_A_COMMENT = re.compile(r"%\s*[-+.\d]")


def content_lines(lines: Iterable[str], first: int = 1) -> Iterator[tuple[int, str]]:
    """Yields the lines that are neither empty nor comments with `#`, with their numbers, counted from `first`."""
    for number, line in enumerate(lines, first):
        if line.strip() and not is_comment(line):
            yield number, line


def is_comment(line: str) -> bool:
    """Whether a line begins with `#`, but not with a spreadsheet's error, such as `#N/A;5`."""
    return "#" in line and line.lstrip().startswith("#") and not _BEGINS_WITH_ERROR.match(line)


def may_be_comment(line: str) -> bool:
    """Whether a line begins with `%`, which makes it a comment unless it can be parsed as a row."""
    return line.lstrip().startswith("%")


def is_commented_row(cells: Sequence[str]) -> bool:
    """Whether the cells begin with `%` and a number: a comment, which could pass for a row unless x comes first."""
    return bool(_NUMBER_IN_A_COMMENT.match(cells[0]))


def strip_comment(line: str) -> str | None:
    """Returns a line without the comment behind its values, or None if it has no comment."""
    match = _COMMENT.search(line)
    if match is None or line.count('"', 0, match.start()) % 2:
        return None
    return line[: match.start()].rstrip(" ")


def is_total(cell: str) -> bool:
    """Whether a cell is a word such as `Total` or `Mean`, which marks a row that summarizes the rows above."""
    return cell.rstrip(":： ").casefold() in TOTALS


def line_cells(number: int, line: str, delimiter: str | None) -> list[str]:
    """Splits line `number` of a file into cells; raises SampleFileError if it is too long."""
    if len(line) > LONGEST_LINE:
        problem = _("line {line} has more than {most} characters; allowed: up to {most}")
        raise SampleFileError(problem.format(line=number, most=LONGEST_LINE))
    return cells_of(line, delimiter)


def cells_of(line: str, delimiter: str | None) -> list[str]:
    """Splits a line into cells, stripped of blanks; delimiter None: at blanks."""
    if '"' in line:
        return quoted_cells(line, delimiter)
    return line.split() if delimiter is None else [cell.strip() for cell in line.split(delimiter)]


def quoted_cells(line: str, delimiter: str | None) -> list[str]:
    """Splits a line that contains quotes into cells; returns it whole if it cannot be parsed."""
    if delimiter is None:
        line, delimiter = " ".join(line.split()), " "
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))]
    except csv.Error:
        return [line]


def strip_trailing_cells(cells: list[str], width: int) -> list[str]:
    """Strips the empty cells beyond `width` that a spreadsheet leaves at the end of a line."""
    end = len(cells)
    while end > width and not cells[end - 1]:
        end -= 1
    return cells[:end]
