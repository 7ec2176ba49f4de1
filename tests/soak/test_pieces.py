"""No sentence of the program is in pieces, as far as ruff's rules of gettext (INT) do not see it.

What is not looked up at all, the walk through all screens finds in the language of tests.
"""

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "quadfit_tui"
LOOKS_UP = {"_", "pgettext", "ngettext"}
COLLECTED = {"_": 1, "N_": 1, "pgettext_noop": 2, "pgettext": 2, "ngettext": 2, "ngettext_noop": 2}  # arguments


def pieces(source):
    """(line, why) of what no translator could put into another order of words."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
            sides = node.left, node.right
            if any(map(is_looked_up, sides)) and sum(has_words(side) or is_looked_up(side) for side in sides) > 1:
                yield node.lineno, "glued"
        elif isinstance(node, ast.JoinedStr):
            texts = sum(any(map(is_looked_up, ast.walk(part))) for part in node.values)
            if texts > 1 or (texts and has_words(node)):
                yield node.lineno, "glued in an f-string"
        elif is_formatted(node) and any(isinstance(each.value, ast.IfExp) for each in node.keywords):
            yield node.lineno, "condition in a place"
        elif isinstance(node, ast.Call) and called(node) in COLLECTED:
            texts = node.args[: COLLECTED[called(node)]]
            put_together = (text for text in texts if isinstance(text, ast.BinOp | ast.IfExp | ast.JoinedStr))
            if any(has_words(part) for text in put_together for part in ast.walk(text)):
                yield node.lineno, "not collected"
            if any(has_words(text) and re.search("^[ ,;:]|[ ,]$", text.value) for text in texts):
                yield node.lineno, "fragment"


def called(call):
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def is_formatted(node):
    """Whether it is a text with its places filled: `_("…").format(…)`."""
    is_method = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format"
    return is_method and is_looked_up(node.func.value)


def is_looked_up(node):
    return isinstance(node, ast.Call) and (called(node) in LOOKS_UP or is_formatted(node))


def has_words(node):
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return any(isinstance(part, ast.Constant) and re.search("[A-Za-z]", str(part.value)) for part in parts)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ('said = _("The run ends there.") + "Press n."', "glued"),
        ('said = _("before: {w}").format(w=w) + _("after")', "glued"),
        ("said = f\"{_('The run')} ends\"", "glued in an f-string"),
        ("said = f\"{_('The run')}: {_('ends').format(n=1)}\"", "glued in an f-string"),
        ("said = _(\"The run {how}.\").format(how=_('ended') if over else _('ends'))", "condition in a place"),
        ("said = _('ended' if over else 'ends')", "not collected"),
        ('said = ngettext("{n} step", "{n} " + "steps", n)', "not collected"),
        ('said = N_("; press i for details ")', "fragment"),
    ],
)
def test_sentences_in_pieces_are_found(source, why):
    assert [found for _line, found in pieces(source)] == [why]


def test_whole_sentences_are_not():
    assert not [*pieces("said = f\" {_('{n} of {m}').format(n=n, m=_(m))}\" + '  ' + ngettext('{n} a', '{n} b', n)")]


def test_program_has_no_split_sentences():
    files = [*PACKAGE.rglob("*.py")]
    assert len(files) > 100
    found = [(path.name, *piece) for path in files for piece in pieces(path.read_text(encoding="utf-8"))]
    assert found == []
