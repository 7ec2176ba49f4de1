"""Files of samples in formats that are not read: what each is, and the way that works."""

from __future__ import annotations

import re
from typing import NamedTuple

from quadfit_tui.core.model.samples.sample_text import SampleFileError
from quadfit_tui.core.text.language import _, noted


class _Format(NamedTuple):
    """`begins` is what the beginning of such a file matches; `said`, which is noted, follows on its name."""

    begins: re.Pattern[bytes]
    said: str


_FORMATS = (  # the first that matches
    _Format(
        re.compile(rb"(?s)PK\x03\x04.{26,60}mimetypeapplication/vnd\.oasis\.opendocument"),
        noted("is a LibreOffice document; allowed: a CSV file (File, Save As, Text CSV)"),
    ),
    _Format(
        re.compile(rb"(?s)PK\x03\x04.{26}.{0,2000}?(?:\[Content_Types\]\.xml|xl/)|\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        noted("is an Excel workbook; allowed: a CSV file (File, Save As, CSV UTF-8)"),
    ),
    _Format(
        re.compile(rb"PK(?:\x03\x04|\x05\x06|\x07\x08)"),
        noted("is a ZIP archive; allowed: the CSV file that is in it (unzip), or one packed by gzip"),
    ),
    _Format(
        re.compile(rb"PAR1"),
        noted(
            "is a Parquet file; allowed: a CSV file "
            "(in Python: pandas.read_parquet('samples.parquet').to_csv('samples.csv', index=False))"
        ),
    ),
    _Format(
        re.compile(rb"\x93NUMPY"),
        noted("is a NumPy array; allowed: a CSV file (in Python: numpy.savetxt('samples.csv', array, delimiter=','))"),
    ),
    _Format(
        re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\{\s*["}]|\[\s*(?:[\[{"\]]|-?\d))'),
        noted(
            "is JSON; allowed: a CSV file "
            "(in Python: pandas.read_json('samples.json').to_csv('samples.csv', index=False))"
        ),
    ),
)


def refusal(begin: bytes, refused: SampleFileError) -> SampleFileError:
    """Why a file that begins with these bytes, and was refused, cannot be read: by its format, where that is known."""
    said = next((each.said for each in _FORMATS if each.begins.match(begin)), None)
    return refused if said is None else SampleFileError(_(said))
