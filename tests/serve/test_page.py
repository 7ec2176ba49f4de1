"""The page's files: the same that others have made, all that the program draws at one width, each text in both
languages, nothing inline."""

import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path
from unicodedata import category, east_asian_width

import pytest
from fontTools.ttLib import TTFont

import quadfit_tui
from quadfit_tui.core.text.language import LANGUAGES
from quadfit_tui.serve.page import VENDORED, MissingAssetsError, files, page
from quadfit_tui.ui.themes import DARK, LIGHT

PACKAGE = Path(quadfit_tui.__file__).parent
VENDOR = PACKAGE / "serve" / "assets" / "vendor"
ORIGINS = (VENDOR / "ORIGINS.md").read_text(encoding="utf-8")
SUMS = dict(re.findall(r"^\| `(\S+)` \|.+\| `([0-9a-f]{64})` \|$", ORIGINS, re.MULTILINE))
FONTS = ("font.woff2", "font-bold.woff2")
HAN_BROWSERS_HAVE = ("W", "F")


class Tags(HTMLParser):
    """The tags of a page with their attributes, and its texts."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.texts = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.texts.append(data.strip())


def tags(language):
    return Tags(page(language).decode()).tags


def test_vendored_files_match_checksums():
    there = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in VENDOR.iterdir()}
    del there["ORIGINS.md"]
    assert there == SUMS
    assert set(VENDORED) == set(SUMS)


@pytest.fixture(scope="module", params=FONTS)
def font(request):
    return TTFont(VENDOR / request.param)


def drawn():
    """The characters of the program's texts and charts, and all of the ranges that charts take theirs from."""
    texts = [path for path in PACKAGE.rglob("*") if path.suffix in (".py", ".md", ".tcss", ".csv")]
    found = {*"".join(path.read_text(encoding="utf-8") for path in texts)}
    latin = [c for c in map(chr, range(0x20, 0x250)) if category(c) != "Cc"]
    greek = [c for c in map(chr, range(0x370, 0x3E2)) if category(c) != "Cn"]
    # Boxes, blocks and shapes; arrows; signs of mathematics; braille; raised and lowered figures.
    ranges = [(0x2500, 0x25FF), (0x2190, 0x21A6), (0x2200, 0x225F), (0x2800, 0x28FF), (0x2070, 0x2094)]
    found |= {*latin, *greek, *(chr(code) for first, last in ranges for code in range(first, last + 1))}
    return {
        c for c in found if c.isprintable() and category(c)[0] != "C" and east_asian_width(c) not in HAN_BROWSERS_HAVE
    }


def test_font_covers_drawn_characters_in_one_width(font):
    glyphs, advances = font.getBestCmap(), font["hmtx"]
    foreign = set("٫٬⚫")  # Arabic separators, which the program reads
    assert sorted(c for c in drawn() - foreign if ord(c) not in glyphs and category(c) != "Cn") == []
    assert {advances[glyph][0] for glyph in glyphs.values()} == {font["head"].unitsPerEm / 2}  # Han: two of it


def test_boxes_join_above_each_other(font):
    height, depth = font["hhea"].ascent, font["hhea"].descent
    shapes = font["glyf"]
    for sign in "│┃║█":
        shape = shapes[font.getBestCmap()[ord(sign)]]
        assert shape.yMax >= height, sign
        assert shape.yMin <= depth, sign


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_has_no_inline_or_foreign_resources(language):
    served = files(None)
    for tag, attributes in tags(language):
        assert tag not in ("style", "iframe", "form"), tag
        assert "style" not in attributes
        assert not any(name.startswith("on") for name in attributes)
        for name in {"src", "href"} & attributes.keys():
            assert attributes[name] in served
        assert tag != "script" or "src" in attributes
    for path, file in served.items():
        if path.endswith((".css", ".js")) and "xterm" not in path:
            urls = re.findall(r'(?:url\(|from |import )"([^"]+)"', file.content.decode())
            assert {url.replace("./", "/") for url in urls} <= served.keys()


def test_each_language_has_its_own_words():
    english, chinese = (Tags(page(language).decode()) for language in LANGUAGES)
    assert [dict(found.tags)["html"]["lang"] for found in (english, chinese)] == ["en", "zh-CN"]
    same = [text for text, other in zip(english.texts, chinese.texts, strict=True) if text and text == other]
    assert same == ["quadfit-tui", "<", ">", "Enter", "⌨"]
    for (tag, words), (_, others) in zip(english.tags, chinese.tags, strict=True):
        for name in words.keys() - {"data-sends"}:
            if name == "aria-label" or name.startswith("data-"):
                assert words[name] != others[name], (tag, name)


def test_backgrounds_match_app_themes():
    style = files(None)["/page.css"].content.decode()
    assert re.findall(r"--background: (\S+);", style) == [LIGHT.background, "#121212"]
    assert DARK.to_color_system().generate()["background"].lower() == "#121212"


def test_a_distributions_own_files_are_served(tmp_path):
    (tmp_path / "xterm.css").write_bytes(b"own")
    found, usual = files(tmp_path), files(None)
    assert found["/xterm.css"].content == b"own"
    assert {path for path in usual if found[path] != usual[path]} == {"/xterm.css"}


@pytest.mark.parametrize("folder", ["empty", "nowhere"])
def test_folder_without_assets_is_refused(tmp_path, folder):
    (tmp_path / "empty").mkdir()
    with pytest.raises(MissingAssetsError, match=r"--assets .+ has none of the files .+: xterm\.mjs, "):
        files(tmp_path / folder)


def test_unreadable_asset_is_refused(tmp_path):
    (tmp_path / "xterm.css").mkdir()
    with pytest.raises(MissingAssetsError, match=r"xterm\.css.+cannot be read: "):
        files(tmp_path)
