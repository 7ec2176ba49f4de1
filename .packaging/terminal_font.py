"""The font of the page of `serve`, from Iosevka's package: python .packaging/terminal_font.py PACKAGE.tgz

makes both of its files anew, in quadfit_tui/serve/assets/vendor/. Where PACKAGE.tgz comes from: ORIGINS.md there.
"""

from __future__ import annotations

import io
import sys
import tarfile
import unicodedata
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

VENDOR = Path(__file__).parents[1] / "quadfit_tui" / "serve" / "assets" / "vendor"
FILES = {400: "font.woff2", 700: "font-bold.woff2"}  # by weight
RANGES = [
    *[(0x20, 0x24F), (0x370, 0x3FF), (0x400, 0x45F)],  # Latin, Greek, Cyrillic
    *[(0x1D2C, 0x1D6A), (0x2010, 0x205F), (0x2070, 0x209F), (0x20A0, 0x20BF)],  # raised and lowered letters, marks
    *[(0x2100, 0x214F), (0x2150, 0x218F), (0x2190, 0x21FF), (0x2200, 0x22FF), (0x2300, 0x23FF)],  # arrows, mathematics
    *[(0x2500, 0x257F), (0x2580, 0x259F), (0x25A0, 0x25FF), (0x2600, 0x26FF), (0x2700, 0x27BF)],  # boxes, blocks …
    *[(0x27E6, 0x27EB), (0x2800, 0x28FF), (0x1FB00, 0x1FB3B)],  # brackets, braille, sextants
]
ALIKE = {"⏎": "↵"}  # shown in the shape of another, which it has
CELL = "─"  # as wide as a cell, as every character of the file


def made(source: bytes) -> bytes:
    """A font with the characters of RANGES that take one column of a terminal, all as wide as a cell."""
    font = TTFont(io.BytesIO(source))
    characters, advances = font.getBestCmap(), font["hmtx"]
    narrow = single_substitutions(font, "NWID")  # its wide arrows and shapes have narrow forms
    characters = {code: narrow.get(glyph, glyph) for code, glyph in characters.items()}
    cell = advances[characters[ord(CELL)]][0]
    kept = {
        code: glyph
        for code, glyph in characters.items()
        if any(first <= code <= last for first, last in RANGES)
        and advances[glyph][0] == cell
        and unicodedata.east_asian_width(chr(code)) not in ("W", "F")
    }
    kept |= {ord(sign): kept[ord(shape)] for sign, shape in ALIKE.items()}
    for table in font["cmap"].tables:
        table.cmap = kept if table.isUnicode() and table.format == 12 else {}
    font["cmap"].tables = [table for table in font["cmap"].tables if table.cmap]
    options = Options()
    options.layout_features, options.hinting = [], False  # no ligatures: a terminal shows what is in each cell
    options.drop_tables += ["GSUB", "GPOS", "GDEF"]
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]  # whose it is, and its license, stay in it
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=kept)
    subsetter.subset(font)
    header, os2 = font["hhea"], font["OS/2"]  # a line is as tall as its boxes need it to be, in every browser
    header.ascent = os2.sTypoAscender = os2.usWinAscent
    header.descent = os2.sTypoDescender = -os2.usWinDescent
    header.lineGap = os2.sTypoLineGap = 0
    font["head"].modified = font["head"].created  # the same source gives the same bytes
    font.recalcTimestamp = False
    font.flavor = "woff2"
    file = io.BytesIO()
    font.save(file)
    return file.getvalue()


def single_substitutions(font: TTFont, feature: str) -> dict[str, str]:
    """What a feature of a font puts in place of glyphs, one for one."""
    table = font["GSUB"].table
    features = {each.FeatureTag: each.Feature for each in table.FeatureList.FeatureRecord}
    found: dict[str, str] = {}
    for lookup in features[feature].LookupListIndex:
        for each in table.LookupList.Lookup[lookup].SubTable:
            found |= getattr(getattr(each, "ExtSubTable", each), "mapping", {})
    return found


if __name__ == "__main__":
    with tarfile.open(sys.argv[1]) as package:
        for weight, name in FILES.items():
            file = package.extractfile(f"package/files/iosevka-latin-{weight}-normal.woff2")
            assert file is not None
            (VENDOR / name).write_bytes(made(file.read()))
