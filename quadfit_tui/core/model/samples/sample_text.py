"""The text of a file of samples: unpacked, decoded, parted into lines, and refused where it is too large or no text.

All of it is done block by block, so that what a file holds never takes more memory than `LARGEST_FILE` and some blocks.
"""

from __future__ import annotations

import codecs
import io
import os
import re
import zlib
from collections import deque
from collections.abc import Iterable, Iterator

from quadfit_tui.core.config.parameters import MAX_SAMPLES
from quadfit_tui.core.files import access, refusals
from quadfit_tui.core.text.language import N_, _

LARGEST_FILE = 64_000_000  # bytes, also unpacked; a million lines of two numbers stay below
LONGEST_LINE = 2000  # characters; some hundred numbers, or the empty cells that a spreadsheet leaves behind them
TOO_MANY = N_("has more than {most} samples; allowed: up to {most}")
BLOCK = 1 << 16  # bytes that are unpacked, decoded or parted into lines in one go, which takes less than a millisecond
_MOST_LINES = 2 * MAX_SAMPLES  # with as many headings, comments and empty lines as samples
_MOST_PARTS = 10_000  # of a packed file; millions of empty ones would take minutes
_LONGEST_HEADER = 1_000_000  # bytes of a packed part that give nothing, such as a name; most headers have 10 to 30
_PACKED = b"\x1f\x8b\x08"  # what gzip begins each part with
_GZIP = 31  # zlib's word for gzip's header, content and sum
_ENCODINGS = {"utf-8": "utf-8-sig", "utf-16": "utf-16", "gb18030": "gb18030", "latin-1": "latin-1"}
_HEADINGS = 1 << 12  # bytes at the beginning of a file, which say whether its letters are Chinese
_NOT_ASCII = re.compile(rb"[\x80-\xff]+")
_GB_2312 = re.compile(rb"(?:[\xa1-\xa9\xb0-\xf7][\xa1-\xfe])+")
_FREQUENT = re.compile(
    rb"(?:[\xa1-\xa9\xb0-\xf7][\xa1-\xfe])*?[\xb0-\xd7][\xa1-\xfe]"
)  # up to one of the 3,755 of level 1
_URL = re.compile(r"(?:^|/)(?:https?|ftp|file|s3|gs)://", re.IGNORECASE)  # also behind the folder of a TOML file
MARKS_OF_UTF_16 = b"\xff\xfe", b"\xfe\xff"
_BINARY = r"\0-\x08\x0b\x0e-\x1f"  # of which a text in a Western code page has none
_JUDGED = 4  # blocks at the end of a text, by whose lines it is judged how all of it is to be read


class SampleFileError(ValueError):
    """A file that holds no usable samples; the text is one line and does not name the file.

    `parameter` is the one at fault: data, columns or skip.
    """

    parameter = "data"


def content_of(path: str, size: int | None = None, *, waits: bool = True) -> Iterator[bytes]:
    """What the file at `path` holds, packed or not, in blocks; `waits` is that of access.py. Raises SampleFileError."""
    try:
        yield from access.blocks(path, LARGEST_FILE, size or BLOCK, waits=waits)
    except OSError as failure:
        if _URL.search(os.fspath(path)):
            problem = _("is a URL; allowed: a CSV file of this machine (curl -LO URL fetches one)")
            raise SampleFileError(problem) from None
        raise SampleFileError(refusals.refusal(failure, _("a CSV file"), LARGEST_FILE)) from None


def unpacked(content: Iterable[bytes]) -> Iterator[bytes]:
    """What gzip has packed, other content as it is, in blocks: no more of it than is allowed. Raises SampleFileError.

    Some blocks may be empty: those of a packed file that give nothing yet.
    """
    part, parts, made, silent, is_packed = None, 0, 0, 0, None
    for block in content:
        if is_packed is None:
            is_packed = block.startswith(_PACKED)
        if not is_packed:
            yield block
            continue
        while block:
            if part is None:
                block = block.lstrip(b"\0") if parts else block  # between its parts, as some tapes have it
                if not block:
                    break
                part, parts, silent = zlib.decompressobj(_GZIP), parts + 1, 0
                if parts > _MOST_PARTS:
                    problem = _("has more than {most} parts; allowed: a CSV file, packed by gzip or not")
                    raise SampleFileError(problem.format(most=_MOST_PARTS))
            try:
                found = part.decompress(block, BLOCK)
            except zlib.error:
                raise _damaged() from None
            rest = part.unconsumed_tail
            silent = 0 if found else silent + len(block) - len(rest)
            if silent > _LONGEST_HEADER:
                problem = _("has a part of which more than {most} bytes hold nothing; allowed: a CSV file")
                raise SampleFileError(problem.format(most=_LONGEST_HEADER))
            made += len(found)
            if made > LARGEST_FILE:
                problem = _("is more than {most} bytes long unpacked; allowed: up to {most} bytes")
                raise SampleFileError(problem.format(most=LARGEST_FILE))
            yield found
            block = rest
            if part.eof:
                block, part = part.unused_data, None
    if part is not None:
        raise _damaged()


def _damaged() -> SampleFileError:
    return SampleFileError(_("cannot be unpacked: it is damaged or cut off; allowed: a whole file of gzip"))


class SampleText:
    """The lines of a file's `content`, in lists of some hundred; `encoding` is a choice of the parameter table.

    `auto` is UTF-8 with or without BOM, a spreadsheet's UTF-16, GB 18030 where the heading or the locale is Chinese, or
    a heading in a Western code page. `notice` tells of what could have been another one. Lines end at line feeds,
    carriage returns, or both, and at nothing else that Unicode has for it.
    """

    def __init__(self, content: list[bytes], encoding: str) -> None:
        if encoding == "auto" and b"".join(content[:2]).startswith(MARKS_OF_UTF_16):
            encoding = "utf-16"
        self._content = content
        self._asked = encoding
        self._encoding = _ENCODINGS.get(encoding, "utf-8-sig")
        self._binary = "\0"
        self._last: deque[str] = deque(maxlen=_JUDGED)
        self._line_feeds = 0
        self.notice = ""

    def judge(self) -> Iterator[None]:
        """Finds out the encoding, and refuses what is no text, or has too many lines: block by block."""
        try:
            yield from self._judge()
        except UnicodeError:  # of UTF-16 without its mark no UnicodeDecodeError
            if self._asked != "auto":
                problem = _("is not text in {encoding}; allowed: a CSV file in that encoding")
                raise SampleFileError(problem.format(encoding=self._asked)) from None
        else:
            return
        self._binary = _BINARY
        if _is_chinese(self._content[0]):
            try:
                self._encoding = "gb18030"
                yield from self._judge()
            except UnicodeDecodeError:
                pass
            else:
                self.notice = _("its letters are read as GB18030 (encoding gb18030)")
                return
        self._encoding = "latin-1"
        yield from self._judge()

    def _judge(self) -> Iterator[None]:
        ends = 0
        self._last.clear()
        for text in self._texts():
            if re.search(f"[{self._binary}]", text):
                raise SampleFileError(_("is not text; allowed: a CSV file of two columns"))
            ends += text.count("\n")
            if ends > _MOST_LINES:
                problem = _("has more than {most} lines; allowed: up to {most}")
                raise SampleFileError(problem.format(most=_MOST_LINES))
            self._last.append(text)
            yield
        self._line_feeds = ends

    @property
    def line_count(self) -> int:
        """How many lines a text has that was judged."""
        return self._line_feeds + bool(self.last_lines[-1])

    @property
    def last_numbers(self) -> range:
        """The numbers of the lines that `last_lines` gives."""
        return range(self._line_feeds + 2 - len(self.last_lines), self._line_feeds + 2)

    @property
    def last_lines(self) -> list[str]:
        """The last lines of a text that was judged, some thousands; the first of them may be cut."""
        return _delimited("".join(self._last).split("\n"))

    def lists(self, drops: bool = False) -> Iterator[list[str]]:
        """All lines, of which those that are too long are cut, but stay too long; with `drops` for the last time."""
        rest = ""
        for text in self._texts(drops):
            whole = rest + text
            lines = whole.split("\n")
            rest = lines.pop()
            if len(rest) > LONGEST_LINE:  # that it is blank, or is not, still shows
                rest = rest[:LONGEST_LINE] + (rest[LONGEST_LINE:].strip()[:1] or " ")
            yield _delimited(lines) if "，" in whole or "；" in whole else lines
        if rest:
            yield _delimited([rest])

    def _texts(self, drops: bool = False) -> Iterator[str]:
        decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(self._encoding)(), translate=True)
        for at, block in enumerate(self._content):
            if drops:
                self._content[at] = b""
            yield decoder.decode(block)
        yield decoder.decode(b"", final=True)


def _is_chinese(content: bytes) -> bool:
    """Whether a text that is not UTF-8 is taken for GB 18030: by its first letters beyond ASCII, or by the locale.

    Two letters of a Western code page side by side could be one Chinese character, but hardly in most places.
    Nor are all Chinese characters in GB 2312: some of names are not.
    """
    words = _NOT_ASCII.findall(content[:_HEADINGS].rpartition(b"\n")[0] or content[:_HEADINGS])
    usual = [word for word in words if _GB_2312.fullmatch(word)]
    if len(usual) >= 0.8 * len(words) and sum(len(_FREQUENT.findall(word)) for word in usual) > 1:
        return True
    locale = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_CTYPE", "LANG"))), "")
    return locale.startswith(("zh_CN", "zh_SG")) or ".gb" in locale.lower()


def _delimited(lines: list[str]) -> list[str]:
    """Lines with , and ; where a Chinese input method wrote ， and ；, but for those whose columns others part."""
    return [
        line if "," in line or ";" in line or "\t" in line else line.replace("，", ",").replace("；", ";")
        for line in lines
    ]
