"""The manual in other languages: the pages of the English one, of the same build, with links that lead somewhere."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from documents import MANUAL, PACKAGE
from manual_tables import glossary, tables
from markdown_it import MarkdownIt

from quadfit_tui.cli.exit_codes import APP_EXIT_CODES, RUN_EXIT_CODES, SWEEP_EXIT_CODES
from quadfit_tui.core.explain.glossary import WORDS
from quadfit_tui.core.text import language as texts
from quadfit_tui.core.text.document import anchor_of
from quadfit_tui.ui.views.view_table import VIEWS

LANGUAGES = sorted(path.name for path in (PACKAGE / "manual").iterdir() if path.is_dir())
PAGES = [(language, name) for language in LANGUAGES for name in MANUAL]
EACH_PAGE = pytest.mark.parametrize(("language", "name"), PAGES)
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CELL_END = re.compile(r"(?<!\\)[|]")
LINK = re.compile(r"\]\(([^)\s]+)\)")
STOPS = "，。；：？！、（）“”"  # with no blank beside them
HAN = re.compile("[\u4e00-\u9fff]")  # with no blank between two of them


def path_of(language, name):
    return PACKAGE / "manual" / language / f"{name}.md"


def build(text):
    """Headings by their levels, rows of tables by their cells, the languages of blocks, and comments, in order."""
    found = []
    for line in BLOCK.sub(r"```\1", text).splitlines():
        if line.startswith("|"):
            found.append("|" * len(CELL_END.findall(line)))
        elif mark := re.match(r"#+ |```.*|<!-- .*", line):
            found.append(mark[0])
    return found


def links(text):
    return LINK.findall(re.sub(r"`[^`]*`", "", BLOCK.sub("", text)))


def anchors(text):
    return {
        anchor_of(re.sub("[`*]", "", title)) for title in re.findall("^#+ (.+)$", BLOCK.sub("", text), re.MULTILINE)
    }


def test_each_language_has_every_page():
    assert LANGUAGES == ["zh_CN"]
    for language in LANGUAGES:
        assert {path.stem for path in (PACKAGE / "manual" / language).iterdir()} == {*MANUAL}


@EACH_PAGE
def test_page_structure_matches_english(language, name):
    assert build(path_of(language, name).read_text(encoding="utf-8")) == build(MANUAL[name])


@EACH_PAGE
def test_its_code_differs_in_comments_alone(language, name):
    blocks = BLOCK.findall(path_of(language, name).read_text(encoding="utf-8"))
    for (_, own), (_, english) in zip(blocks, BLOCK.findall(MANUAL[name]), strict=True):
        for line, original in zip(own.splitlines(), english.splitlines(), strict=True):
            code = re.split(" +# |，", line)[0]
            assert line == original or re.fullmatch(rf"{re.escape(code)}( +# |, ).+", original), line


@EACH_PAGE
def test_links_resolve_and_match_english(language, name):
    path = path_of(language, name)
    own = links(path.read_text(encoding="utf-8"))
    for link in own:
        file, _, anchor = link.partition("#")
        if not link.startswith(("http", "=", "show:")):
            target = (path.parent / file) if file else path
            assert target.exists(), link
            assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), link
    outside = {link: ("../" * (link[:3] == "../")) + link for link in links(MANUAL[name])}
    files = {link.partition("#")[0] for link in outside.values()}
    assert {link.partition("#")[0] for link in own} == files


@pytest.fixture
def spoken(language):
    """The language in use."""
    texts.set_language(language)
    yield language
    texts.set_language(texts.ENGLISH)


def rows(text):
    return {line for line in text.splitlines() if line.startswith("| `-")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_generated_tables_match_translated_program(spoken):
    options, how = (path_of(spoken, name).read_text(encoding="utf-8") for name in ("options", "how-it-works"))
    made = rows(tables())
    assert len(made) > 80
    assert rows(options[options.index("manual_tables.py") :]) == made
    for code, told in [*RUN_EXIT_CODES, *SWEEP_EXIT_CODES, *APP_EXIT_CODES]:
        assert f"| `{code}` | {texts._(told)} |\n" in options
    words = path_of(spoken, "words").read_text(encoding="utf-8").splitlines()
    told = [line for line in glossary().splitlines() if line.startswith("| ") and "what it means" not in line]
    assert len(told) == len(WORDS)
    assert [line for line in words if line in told] == told
    readings = how[how.index("manual_tables.py") :]
    assert [name for name, view in VIEWS.items() if texts._(view.reading) not in readings] == []


@pytest.mark.parametrize(
    "path",
    [*PACKAGE.glob("manual/zh*/*.md"), *PACKAGE.glob("lessons/zh*/*.md")],
    ids=lambda path: f"{path.parts[-3]}-{path.stem}",
)
def test_no_soft_break_between_chinese_characters(path: Path):
    """A reader would be shown a blank there."""
    tokens = MarkdownIt("commonmark").enable("table").parse(path.read_text(encoding="utf-8"))
    for children in (token.children for token in tokens if token.children):
        said = [token for token in children if token.content or token.type == "softbreak"]
        for (before, brk), (_, after) in pairwise(pairwise(said)):
            if brk.type == "softbreak" and {before.type, after.type} == {"text"}:
                end, begin = before.content[-1], after.content[0]
                assert not {end, begin} & {*STOPS}, after.content
                assert not (HAN.match(end) and HAN.match(begin)), after.content
