"""Recognizes files in formats that are not supported, such as Excel, for messages on how to convert them to CSV."""

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
    """A file format: the pattern of its first bytes, and the untranslated message to write after the file's name."""

    begins: re.Pattern[bytes]
    message: str


_FORMATS = (  # the first that matches counts
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


_BEGINNING = 4096  # bytes of a file by which a log is recognized
_MOST_LINES = 50  # lines in these bytes that are examined
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
_WORD = re.compile(r"[^\W\d_]{2}|[^\W\d_]\s*[:=]|=|->")  # matches no delimiter, date or exponent
_OF_LOGS = re.compile("=|->")  # signs of a log that no date has
_SHOWN = 40  # maximum length of a line in a message


def format_error(begin: bytes, refused: SampleFileError) -> SampleFileError:
    """Returns the error for a refused file: how to convert it if its first bytes show its format, else `refused`."""
    message = next((_(format_.message) for format_ in _FORMATS if format_.begins.match(begin)), "")
    message = message or log_message(begin)
    return SampleFileError(message) if message else refused


def log_message(begin: bytes) -> str:
    """Returns the message for a log such as an Arduino writes, `1034ms, adc=512`; empty if the file is no log.

    A log has lines that differ only in their numbers, two or more beside words; no line has two cells of numbers.
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
            template = _(
                "is a log with words between its numbers, as an Arduino writes it: {text} in line {line}; "
                "allowed: two numbers in each line, with a comma between them"
            )
            return template.format(text=quoted(line[:_SHOWN]), line=number)
    return ""
