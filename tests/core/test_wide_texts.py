"""What the core sets in columns is set by those of a terminal: tables, bars, headings, lines and pictures."""

import ast
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pseudo_locale import starts, widened, widest
from rich.cells import cell_len
from trials import trials

import quadfit_tui
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.explain import worked_update
from quadfit_tui.core.export.picture import Ink, InkSpan, Picture, svg_lines, text_lines
from quadfit_tui.core.export.writers import TextWriter
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.reproduction import wrap_command
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.text.document import LINE_WIDTH, document_lines, plain_lines
from quadfit_tui.core.text.pronunciation import in_sentences, in_words, shortest_fitting_wording
from quadfit_tui.core.text.sentences import lines_to_hear

PACKAGE = Path(quadfit_tui.__file__).parent
WORDS = st.lists(st.text("ab学习e\u0301，。（）1.", min_size=1, max_size=12), min_size=1, max_size=40).map(" ".join)


def test_document_headings_and_tables():
    text = "这个程序用梯度下降来拟合一条抛物线。" * 5
    rows = [f"| `{formula}` | remark |" for formula in ("梯度 g", "y = a·x² + b", "λ")]
    page = "\n".join([f"# {widened('Head')}", "", "## 学习率", "", text, "", "| | |", "|---|---|", *rows])
    lines = plain_lines(document_lines(page, 76))
    assert lines[:5] == [widened("Head"), "=" * 8, "", "学习率", "-" * 6]
    assert "".join(lines[6:-4]) == text
    assert widest(lines) == 76
    assert {starts(line, "remark") for line in lines[-3:]} == {16}


@given(WORDS)
@trials(200)
def test_wrapped_lines_keep_whole_text(text):
    lines = lines_to_hear(text)
    assert widest(lines) <= LINE_WIDTH
    assert "".join("".join(lines).split()) == "".join(in_words(text).split())


def test_phrases_are_fitted_by_columns():
    ways = "学" * 40, "学" * 39, "学"
    assert shortest_fitting_wording(*ways) == ways[1]
    assert in_sentences("", ["学" * 20], ["习" * 20]) == [f"{'学' * 20}.", f"{'习' * 20}."]
    assert (
        wrap_command(["quadfit-tui", "--data", "数据" * 5, "--lr"], 40) == f"quadfit-tui --data \\\n{'数据' * 5} --lr"
    )


def test_log_and_update_headings_align(monkeypatch):
    monkeypatch.setattr(TextWriter, "columns", tuple(widened(name) for name in TextWriter.columns))
    monkeypatch.setattr(worked_update, "PARAMETER_NAMES", tuple(map(widened, "abc")))
    session = RunSession(PRESETS["article-minibatch"], speed=None)
    session.step(Unit.UPDATE)
    session.advance(1)
    record = session.snapshot().record
    heads, row = TextWriter(session.config).update(record)
    assert cell_len(heads) == cell_len(row)
    assert heads.split()[1] == "ｌｒ"
    lines = worked_update.worked_update(record)
    (at,) = (at for at, line in enumerate(lines) if line.startswith("g of the batch"))
    assert len({cell_len(line) for line in lines[at - 1 : at + 2]}) == 1


def test_picture_cell_widths():
    inks = {"a": Ink("#102030"), "b": Ink("#102030", ground="#aabbcc")}
    row = (InkSpan("lr 学习率 e\u0301 x\u202e", "a"), InkSpan("学", "b"), InkSpan("|", "a"))
    picture = Picture("picture", (row,), inks, "#ffffff")
    assert text_lines(picture) == ["lr 学习率 e\u0301 x\ufffd学|"]
    root = ElementTree.fromstring("\n".join(svg_lines(picture)))
    assert root.attrib["viewBox"] == f"0 0 {12 + 17 * 8.4 + 12:.1f} 41"
    (ground,) = (each for each in root[2] if each.tag.endswith("rect"))
    pieces = [each for each in root[2] if each.tag.endswith("text")]
    # Wide ones, which come from another font, are pieces of their own: none moves what is beside them.
    cells = [("lr", 0, 2), ("学习率", 3, 6), ("e\u0301 x\ufffd", 10, 4), ("学", 14, 2), ("|", 16, 1)]
    assert [each.text for each in pieces] == [text for text, _, _ in cells]
    for each, (_, column, width) in zip(pieces, cells, strict=True):
        assert float(each.attrib["x"]) == pytest.approx(12 + column * 8.4, abs=0.05)
        assert float(each.attrib["textLength"]) == pytest.approx(width * 8.4, abs=0.05)
    assert float(ground.attrib["x"]) == pytest.approx(12 + 14 * 8.4, abs=0.05)
    assert float(ground.attrib["width"]) == pytest.approx(2 * 8.4, abs=0.05)


# What counts characters, where a terminal counts columns: each has its like in core/text/width.py.

_PADS = {"ljust", "rjust", "center", "expandtabs"}
_ALLOWED = {  # of digits alone, and of the tabs of Markdown, which is read and not shown
    "core/text/numbers.py": {"rjust"},
    "core/text/pronunciation.py": {"ljust"},
    "teaching/notation/reading/notation.py": {"expandtabs"},
}
_SPEC = re.compile(r"(?:.?[<>=^])?[-+ ]?z?#?0?(?P<width>\d+)?[,_]?(?:\.\d+)?(?P<type>[a-zA-Z%]?)")


def by_characters(path):
    """What of a source file pads or wraps by characters: textwrap, ljust, `{text:<9}`; numbers have types, `{n:9d}`."""
    for node in ast.walk(ast.parse((PACKAGE / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
            yield from (f"{path}:{node.lineno}: {name}" for name in names if name == "textwrap")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in _PADS - _ALLOWED.get(path, set()):
                yield f"{path}:{node.lineno}: {node.func.attr}"
        elif isinstance(node, ast.FormattedValue) and isinstance(node.format_spec, ast.JoinedStr):
            parts = node.format_spec.values
            spec = "".join(str(part.value) if isinstance(part, ast.Constant) else "9" for part in parts)
            found = _SPEC.fullmatch(spec)
            if found and found["width"] and found["type"] in ("", "s"):
                yield f"{path}:{node.lineno}: {{…:{spec}}}"


@pytest.mark.parametrize("wing", ["core", "cli", "ui"])
def test_no_padding_by_character_count(wing):
    files = [file.relative_to(PACKAGE).as_posix() for file in (PACKAGE / wing).rglob("*.py")]
    assert len(files) > 10
    assert [found for path in files for found in by_characters(path)] == []
