"""Files of samples in formats that are not read: what each is, and the way that works."""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from quadfit_tui.core.model.samples.cells import cells_of, content_lines
from quadfit_tui.core.model.samples.dates import is_like_a_date
from quadfit_tui.core.model.samples.layout import count_values, delimiter_of
from quadfit_tui.core.model.samples.sample_text import SampleFileError
from quadfit_tui.core.text.language import N_, _
from quadfit_tui.core.text.quoting import quoted


class _Format(NamedTuple):
    """`begins` is what the beginning of such a file matches; `said`, which is noted, follows on its name."""

    begins: re.Pattern[bytes]
    said: str


_FORMATS = (  # the first that matches
    _Format(
        re.compile(rb"(?s)PK\x03\x04.{26,60}mimetypeapplication/vnd\.oasis\.opendocument"),
        N_("is a LibreOffice document; allowed: a CSV file (File, Save As, Text CSV)"),
    ),
    _Format(
        re.compile(rb"(?s)PK\x03\x04.{26}.{0,2000}?(?:\[Content_Types\]\.xml|xl/)|\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        N_("is an Excel workbook; allowed: a CSV file (File, Save As, CSV UTF-8)"),
    ),
    _Format(
        re.compile(rb"PK(?:\x03\x04|\x05\x06|\x07\x08)"),
        N_("is a ZIP archive; allowed: the CSV file that is in it (unzip), or one packed by gzip"),
    ),
    _Format(
        re.compile(rb"PAR1"),
        N_(
            "is a Parquet file; allowed: a CSV file "
            "(in Python: pandas.read_parquet('samples.parquet').to_csv('samples.csv', index=False))"
        ),
    ),
    _Format(
        re.compile(rb"\x93NUMPY"),
        N_("is a NumPy array; allowed: a CSV file (in Python: numpy.savetxt('samples.csv', array, delimiter=','))"),
    ),
    _Format(
        re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\{\s*["}]|\[\s*(?:[\[{"\]]|-?\d))'),
        N_(
            "is JSON; allowed: a CSV file "
            "(in Python: pandas.read_json('samples.json').to_csv('samples.csv', index=False))"
        ),
    ),
)


# What is looked at to know a log by: bytes of a file, lines of them.
_BEGINNING, _MOST_LINES = 4096, 50
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
_WORD = re.compile(r"[^\W\d_]{2}|[^\W\d_]\s*[:=]|=|->")  # no sign that parts columns, no date, no exponent
_OF_LOGS = re.compile("=|->")  # and of no date
_SHOWN = 40  # characters of a line


def refusal(begin: bytes, refused: SampleFileError) -> SampleFileError:
    """Why a file that begins with these bytes, and was refused, cannot be read: by its format, where that is known."""
    said = next((_(each.said) for each in _FORMATS if each.begins.match(begin)), "") or refusal_of_log(begin)
    return SampleFileError(said) if said else refused


def refusal_of_log(begin: bytes) -> str:
    """Why a log such as an Arduino writes, `1034ms, adc=512`, cannot be read; empty for anything else.

    Some of its lines are alike but for their numbers, two or more beside words, and none has two cells of numbers.
    """
    text = begin[:_BEGINNING].decode("utf-8", "replace")
    lines = [(number, line.strip()) for number, line in content_lines(re.split(r"\r\n?|\n", text)[:_MOST_LINES])]
    delimiter = delimiter_of([line for _number, line in reversed(lines)])
    if any(count_values(cells_of(line, delimiter), delimiter) > 1 for _number, line in lines):
        return ""
    patterns = [_NUMBER.sub("0", line) for _number, line in lines]
    counts = Counter(pattern for pattern in patterns if pattern.count("0") > 1 and _WORD.search(pattern))
    for (number, line), pattern in zip(lines, patterns, strict=True):
        if counts[pattern] > 1 and (_OF_LOGS.search(line) or not is_like_a_date(line)):
            told = _(
                "is a log with words between its numbers, as an Arduino writes it: {text} in line {line}; "
                "allowed: two numbers in each line, with a comma between them"
            )
            return told.format(text=quoted(line[:_SHOWN]), line=number)
    return ""
