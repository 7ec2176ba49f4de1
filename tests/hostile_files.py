"""Files of samples that were made to take much time or memory: what a program may be given, by accident or not."""

import gzip
import random
import struct
import zlib
from collections.abc import Callable

MOST = 64_000_000  # bytes, of which a file may have no more


def _filled(piece: bytes, size: int = MOST) -> bytes:
    return piece * (size // len(piece))


def _rows(row: Callable[[int], str], count: int = 1_000_000, encoding: str = "utf-8") -> bytes:
    return "".join(map(row, range(count))).encode(encoding)


def _packed(flags: int, header: bytes, content: bytes = b"1,2\n3,4\n") -> bytes:
    """A file of gzip with more in its header than needs be."""
    packer = zlib.compressobj(wbits=-15)
    body = packer.compress(content) + packer.flush()
    return struct.pack("<3sBI2x", b"\x1f\x8b\x08", flags, 0) + header + body + _sums(content)


def _sums(content: bytes) -> bytes:
    return struct.pack("<II", zlib.crc32(content), len(content))


def _empty_blocks() -> bytes:
    """A file of gzip with millions of blocks that hold nothing."""
    start = struct.pack("<3sBI2x", b"\x1f\x8b\x08", 0, 0)
    return start + _filled(b"\0\0\0\xff\xff", MOST - 40) + b"\1\0\0\xff\xff" + _sums(b"")


def _noise(size: int = MOST) -> bytes:
    return random.Random(1).randbytes(size)


# By what is odd about them.
HOSTILE: dict[str, Callable[[], bytes]] = {
    "a million rows": lambda: _rows(lambda n: f"{n / 7:.6f},{n / 3:.6f}\n"),
    "every other value missing": lambda: b"x,y\n" + _rows(lambda n: f"{n / 7},{'' if n % 2 else n / 3}\n", 999_999),
    "a million tiny rows": lambda: b"1,1\n" * 1_000_000,
    "too many tiny rows": lambda: _filled(b"1,1\n"),
    "two million missing": lambda: b"1,2\n" + b"NA,1\n" * 1_999_998,
    "not a number": lambda: b"1,2\n" + b"nan,nan\n" * 1_900_000,
    "nothing but line feeds": lambda: _filled(b"\n"),
    "nothing but carriage returns": lambda: _filled(b"\r"),
    "nothing but both": lambda: _filled(b"\r\n"),
    "carriage returns": lambda: b"1.5,2\r" * 1_000_000,
    "vertical tabs": lambda: _filled(b"\x0b"),
    "form feeds": lambda: _filled(b"1,2\x0c"),
    "separators of information": lambda: _filled(b"1,2\x1c3,4\x1d5,6\x1e"),
    "next lines": lambda: _filled("1,2\x85".encode()),
    "line separators": lambda: _filled("1,2\u2028".encode()),
    "paragraph separators": lambda: _filled("\u2029".encode()),
    "packed vertical tabs": lambda: gzip.compress(_filled(b"\x0b")),
    "packed next lines": lambda: gzip.compress(_filled("1,2\x85".encode())),
    "packed zeros": lambda: gzip.compress(bytes(200_000_000), 9),
    "packed line feeds": lambda: gzip.compress(_filled(b"\n", 200_000_000), 9),
    "packed twice": lambda: gzip.compress(gzip.compress(_filled(b"1,2\n"))),
    "a long name in the header": lambda: _packed(8, _filled(b"n", MOST - 100) + b"\0"),
    "a long comment in the header": lambda: _packed(16, _filled(b"c", MOST - 100) + b"\0"),
    "more in the header": lambda: _packed(4, struct.pack("<H", 65_535) + bytes(65_535)) * 900,
    "a header without end": lambda: _packed(8, _filled(b"n", MOST - 100)),
    "millions of empty parts": lambda: gzip.compress(b"") * 3_000_000,
    "millions of empty blocks": _empty_blocks,
    "cut off": lambda: gzip.compress(_filled(b"1,2\n"))[:-9],
    "noise that is packed": lambda: gzip.compress(_noise(60_000_000), 1),
    "an endless line": lambda: _filled(b"1"),
    "an endless line of cells": lambda: _filled(b"1,"),
    "an endless line of empty cells": lambda: _filled(b"\t"),
    "an endless line of quotes": lambda: b"1,2\n" + _filled(b'"', MOST - 4),
    "an endless line of blanks": lambda: b"1,2\n" + _filled(b" ", MOST - 8) + b"\n3,4",
    "an endless comment": lambda: b"1,2\n" + _filled(b"# ", MOST - 8) + b"\n3,4",
    "comments": lambda: b"1,2\n" + b"# and so on, and so on\n" * 1_999_990 + b"3,4\n",
    "wide rows": lambda: (b"1," * 990 + b"1\n") * 32_000,
    "wide rows of blanks": lambda: (b"1 " * 900 + b"NA\n") * 35_000,
    "UTF-16": lambda: _rows(lambda n: f"{n / 7:.6f}\t{n / 3:.6f}\r\n", encoding="utf-16"),
    "UTF-16 cut off": lambda: b"\xff\xfe" + _filled("1,2\n".encode("utf-16-le"))[:-3],
    "UTF-16 line separators": lambda: b"\xff\xfe" + _filled("\u2028".encode("utf-16-le"), MOST - 2),
    "characters of four bytes": lambda: b"1,2\n" + _filled("\U0001f40d".encode(), MOST - 4),
    "rows of characters of four bytes": lambda: b"1,2\n" + _filled("\U0001f40d,1\n".encode(), MOST - 4),
    "combining marks": lambda: b"1,2\n3" + _filled("\u0301\u0323".encode(), MOST - 8) + b",4",
    "a Western heading, late": lambda: _filled(b"1,2\n", 7_000_000) + b"\xe9" * 1_000_000,
    "zeros": lambda: bytes(MOST),
    "noise": _noise,
    "text": lambda: b"a,b\n" * 1_900_000,
    "rows that NumPy cannot read": lambda: "−1/2,１\n".encode() * 1_000_000,
    "rows of quotes": lambda: b'"1,5";"2"\n' * 1_000_000,
    "long numbers": lambda: (b"1" * 900 + b"," + b"2" * 900 + b"\n") * 35_000,
    "Parquet": lambda: b"PAR1" + _noise(MOST - 4),
}  # fmt: skip
