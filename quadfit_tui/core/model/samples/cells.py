"""The cells of a line: quotes, comments, what stands for a missing value."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence

from quadfit_tui.core.model.samples.sample_text import LONGEST_LINE, SampleFileError
from quadfit_tui.core.text.language import _

MISSING = frozenset({"", "-", "–", "—", "na", "n/a", "#n/a", "#nv", "#div/0!", "<na>", "nan", "-nan", "null", "none"})
_TOTALS = """total totals subtotal sum mean average avg median std stdev summe gesamt gesamtsumme zwischensumme
mittelwert somme moyenne suma media 合计 总计 小计 总和 总数 共计 平均 平均值 均值 标准差"""
TOTALS = frozenset([*_TOTALS.split(), "grand total", "total général", "total general"])  # in small letters
COMMENTS = "#", "%"
_ERRORS = (
    "N/A|DIV/0!|REF!|VALUE!|NAME\\?|NUM!|NULL!|NV|WERT!|BEZUG!|ZAHL!|VALEUR!|NOM\\?|NOMBRE!|NUL!"  # of spreadsheets
)
# Behind a value; 50 % is none, and no error of a spreadsheet, such as #DIV/0!.
_COMMENT = re.compile(rf"(?<=.)#(?!{_ERRORS})|(?<=\s)%(?=\s*[^\W\d_])")
_BEGINS_WITH_ERROR = re.compile(rf"\s*#(?:{_ERRORS})\s*(?:[;,\t|]|$|[-+.\d])", re.IGNORECASE)
_NUMBER_IN_A_COMMENT = re.compile(r"%\s*[-+.\d]")


def content_lines(lines: Iterable[str], first: int = 1) -> Iterator[tuple[int, str]]:
    """The lines that are neither empty nor comments with `#`, with their numbers."""
    for number, line in enumerate(lines, first):
        if line.strip() and not is_comment(line):
            yield number, line


def is_comment(line: str) -> bool:
    """Whether a line begins with `#`, and not with an error of a spreadsheet, such as `#N/A;5`."""
    return "#" in line and line.lstrip().startswith("#") and not _BEGINS_WITH_ERROR.match(line)


def may_be_comment(line: str) -> bool:
    """Whether a line begins with `%`, and so is a comment unless it can be read as a row."""
    return line.lstrip().startswith("%")


def is_commented_row(cells: Sequence[str]) -> bool:
    """Whether a line is a comment with `%` that could be read as a row, where its first cell may be any text."""
    return bool(_NUMBER_IN_A_COMMENT.match(cells[0]))


def uncommented(line: str) -> str | None:
    """The line without the comment behind its values; None where there is none."""
    found = _COMMENT.search(line)
    if found is None or line.count('"', 0, found.start()) % 2:
        return None
    return line[: found.start()].rstrip(" ")


def is_total(cell: str) -> bool:
    """Whether a cell says that its row is a total, or another figure of the rows above."""
    return cell.rstrip(":： ").casefold() in TOTALS


def line_cells(number: int, line: str, delimiter: str | None) -> list[str]:
    """The cells of a line; raises SampleFileError where it is too long."""
    if len(line) > LONGEST_LINE:
        problem = _("line {line} has more than {most} characters; allowed: up to {most}")
        raise SampleFileError(problem.format(line=number, most=LONGEST_LINE))
    return cells_of(line, delimiter)


def cells_of(line: str, delimiter: str | None) -> list[str]:
    """The cells of a line, without the blanks around them."""
    if '"' in line:
        return quoted_cells(line, delimiter)
    return line.split() if delimiter is None else [cell.strip() for cell in line.split(delimiter)]


def quoted_cells(line: str, delimiter: str | None) -> list[str]:
    """Splits a line with quotes into its cells."""
    if delimiter is None:
        line, delimiter = " ".join(line.split()), " "
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))]
    except csv.Error:
        return [line]


def strip_trailing_cells(cells: list[str], width: int) -> list[str]:
    """The cells of a line without the empty ones that a spreadsheet leaves at its end, beyond `width`."""
    end = len(cells)
    while end > width and not cells[end - 1]:
        end -= 1
    return cells[:end]
