"""Reads the text of a file of samples: unpacks, decodes and splits it into lines; refuses it if too large or no text.

It works block by block, so that the content of a file never takes more memory than `LARGEST_FILE` and some blocks.
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

LARGEST_FILE = 64_000_000  # bytes, packed or unpacked; a million lines of two numbers fit
LONGEST_LINE = 2000  # characters: some hundred numbers, or the empty cells that a spreadsheet appends to them
TOO_MANY = N_("has more than {most} samples; allowed: up to {most}")
BLOCK = 1 << 16  # bytes that are unpacked, decoded or split into lines at once, in less than a millisecond
_MOST_LINES = 2 * MAX_SAMPLES  # allows as many headings, comments and empty lines as samples
_MOST_PARTS = 10_000  # maximum number of members of a gzip file: millions of empty ones would take minutes
_LONGEST_HEADER = 1_000_000  # packed bytes that yield no data, such as a name; most headers have 10 to 30
_PACKED = b"\x1f\x8b\x08"  # the first bytes of each member of a gzip file
_GZIP = 31  # zlib's wbits for gzip: header, content and checksum
_ENCODINGS = {"utf-8": "utf-8-sig", "utf-16": "utf-16", "gb18030": "gb18030", "latin-1": "latin-1"}
_HEADINGS = 1 << 12  # bytes at the beginning of a file by which its letters are recognized as Chinese
_NOT_ASCII = re.compile(rb"[\x80-\xff]+")
_GB_2312 = re.compile(rb"(?:[\xa1-\xa9\xb0-\xf7][\xa1-\xfe])+")
# Matches up to and with one of the 3,755 frequent characters, those of level 1.
_FREQUENT = re.compile(rb"(?:[\xa1-\xa9\xb0-\xf7][\xa1-\xfe])*?[\xb0-\xd7][\xa1-\xfe]")
_URL = re.compile(
    r"(?:^|/)(?:https?|ftp|file|s3|gs)://", re.IGNORECASE
)  # also after the folder of a TOML file, which is put before it
MARKS_OF_UTF_16 = b"\xff\xfe", b"\xfe\xff"
_BINARY = r"\0-\x08\x0b\x0e-\x1f"  # control characters, which a text in a Western code page does not contain
_JUDGED = 4  # blocks at the end of a text by whose lines its layout is detected


class SampleFileError(ValueError):
    """A file that holds no usable samples; the message is one line and does not name the file.

    `parameter` is the parameter at fault: data, columns or skip.
    """

    parameter = "data"


def read_blocks(path: str, size: int | None = None, *, waits: bool = True) -> Iterator[bytes]:
    """Reads the file at `path` in blocks, without unpacking it; `waits` as in access.py. Raises SampleFileError."""
    try:
        yield from access.blocks(path, LARGEST_FILE, size or BLOCK, waits=waits)
    except OSError as failure:
        if _URL.search(os.fspath(path)):
            problem = _("is a URL; allowed: a CSV file of this machine (curl -LO URL fetches one)")
            raise SampleFileError(problem) from None
        raise SampleFileError(refusals.read_error_with_allowed(failure, _("a CSV file"), LARGEST_FILE)) from None


def unpack(content: Iterable[bytes]) -> Iterator[bytes]:
    """Unpacks content that gzip has packed, and yields other content unchanged, in blocks; raises SampleFileError.

    It unpacks at most LARGEST_FILE bytes. Blocks are empty while a packed file yields nothing yet.
    """
    part = None  # the decompressor of the current member
    parts = 0
    size = 0  # bytes unpacked
    silent = 0  # packed bytes of the current member since the last data
    is_packed = None
    for block in content:
        if is_packed is None:
            is_packed = block.startswith(_PACKED)
        if not is_packed:
            yield block
            continue
        while block:
            if part is None:
                block = block.lstrip(b"\0") if parts else block  # some tapes pad members with zeros
                if not block:
                    break
                part = zlib.decompressobj(_GZIP)
                parts += 1
                silent = 0
                if parts > _MOST_PARTS:
                    problem = _("has more than {most} parts; allowed: a CSV file, packed by gzip or not")
                    raise SampleFileError(problem.format(most=_MOST_PARTS))
            try:
                data = part.decompress(block, BLOCK)
            except zlib.error:
                raise _damaged() from None
            rest = part.unconsumed_tail
            silent = 0 if data else silent + len(block) - len(rest)
            if silent > _LONGEST_HEADER:
                problem = _("has a part of which more than {most} bytes hold nothing; allowed: a CSV file")
                raise SampleFileError(problem.format(most=_LONGEST_HEADER))
            size += len(data)
            if size > LARGEST_FILE:
                problem = _("is more than {most} bytes long unpacked; allowed: up to {most} bytes")
                raise SampleFileError(problem.format(most=LARGEST_FILE))
            yield data
            block = rest
            if part.eof:
                block = part.unused_data
                part = None
    if part is not None:
        raise _damaged()


def _damaged() -> SampleFileError:
    return SampleFileError(_("cannot be unpacked: it is damaged or cut off; allowed: a whole file of gzip"))


class SampleText:
    """The decoded text of a file's `content`, as lists of some hundred lines; `encoding` is a value of the parameter.

    `auto` is UTF-8 with or without BOM, a spreadsheet's UTF-16, GB 18030 if the heading or the locale is Chinese, or
    else a Western code page. `notice` is a message if another encoding was possible. Lines end at line feeds, carriage
    returns, or both, but not at other line separators of Unicode.
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
        """Detects the encoding, block by block; raises SampleFileError if it is no text or has too many lines."""
        try:
            yield from self._judge()
        except UnicodeError:  # UTF-16 without its mark raises no UnicodeDecodeError
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
        """Decodes the text in the present encoding, to check it and keep its last lines; may raise UnicodeError."""
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
        """The number of lines; available once the text is judged."""
        return self._line_feeds + bool(self.last_lines[-1])

    @property
    def last_numbers(self) -> range:
        """The line numbers of `last_lines`."""
        return range(self._line_feeds + 2 - len(self.last_lines), self._line_feeds + 2)

    @property
    def last_lines(self) -> list[str]:
        """The last lines, some thousands, the first of which may be cut; available once the text is judged."""
        return _delimited("".join(self._last).split("\n"))

    def lists(self, drops: bool = False) -> Iterator[list[str]]:
        """Yields all lines in lists; cuts lines of excess length, still too long. `drops` frees the content."""
        rest = ""
        for text in self._texts(drops):
            whole = rest + text
            lines = whole.split("\n")
            rest = lines.pop()
            if len(rest) > LONGEST_LINE:  # keeps whether the cut part is blank
                rest = rest[:LONGEST_LINE] + (rest[LONGEST_LINE:].strip()[:1] or " ")
            yield _delimited(lines) if "，" in whole or "；" in whole else lines
        if rest:
            yield _delimited([rest])

    def _texts(self, drops: bool = False) -> Iterator[str]:
        """Yields the decoded text of each block, with line feeds as line ends; `drops` frees each block."""
        decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(self._encoding)(), translate=True)
        for index, block in enumerate(self._content):
            if drops:
                self._content[index] = b""
            yield decoder.decode(block)
        yield decoder.decode(b"", final=True)


def _is_chinese(content: bytes) -> bool:
    """Whether a text that is not UTF-8 is probably GB 18030: by its first letters beyond ASCII, or by the locale.

    Two adjacent letters of a Western code page could be one Chinese character, but hardly in most words. Some Chinese
    characters, such as those in names, are not in GB 2312: so not all words need match.
    """
    words = _NOT_ASCII.findall(content[:_HEADINGS].rpartition(b"\n")[0] or content[:_HEADINGS])
    usual = [word for word in words if _GB_2312.fullmatch(word)]
    if len(usual) >= 0.8 * len(words) and sum(len(_FREQUENT.findall(word)) for word in usual) > 1:
        return True
    locale = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_CTYPE", "LANG"))), "")
    return locale.startswith(("zh_CN", "zh_SG")) or ".gb" in locale.lower()


def _delimited(lines: list[str]) -> list[str]:
    """Replaces a Chinese input method's ， and ； with , and ;, except in lines that have ASCII delimiters, too."""
    return [
        line if "," in line or ";" in line or "\t" in line else line.replace("，", ",").replace("；", ";")
        for line in lines
    ]
