"""The catalogues: every text that the program looks up is in each, whole, with the same places, and as compiled."""

import ast
import gettext
import re

import pytest
from catalogue import KEYWORDS, LOCALE, PACKAGE, key, read, template

FILES = sorted(LOCALE.glob("*/LC_MESSAGES/quadfit_tui.po"))
CATALOGUES = pytest.mark.parametrize("path", FILES, ids=lambda path: path.parts[-3])
_PLACES = re.compile(r"\{(\w*)\}")
_HAN = "\u4e00-\u9fff"


@pytest.fixture(scope="module")
def texts():
    return {key(message): message for message in template() if message.id}


def said(message):
    return [message.string] if isinstance(message.string, str) else [*message.string]


def test_there_is_the_language_of_the_article():
    assert [path.parts[-3] for path in FILES] == ["zh_CN"]


@CATALOGUES
def test_nothing_is_missing_unused_or_fuzzy(path, texts):
    known = {key(message): message for message in read(path) if message.id}
    assert {*known} - {*texts} == set(), "run python .packaging/catalogue.py"
    assert {*texts} - {*known} == set(), "run python .packaging/catalogue.py, and translate"
    assert [each for each, message in known.items() if message.fuzzy or not all(said(message))] == []


@CATALOGUES
def test_placeholders_match_english(path):
    for message in read(path):
        if message.id:
            english = message.id if isinstance(message.id, str) else message.id[1]
            for text in said(message):
                assert {*_PLACES.findall(text)} == {*_PLACES.findall(english)}, english


@CATALOGUES
def test_what_is_compiled_is_what_is_written(path):
    with path.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    messages = [message for message in read(path) if message.id]
    for message in messages:
        context, text = key(message)
        if not isinstance(message.id, str):
            found = [compiled.ngettext(*message.id, n) for n in (1, 2)]
            assert {*found} <= {*said(message)}
        else:
            assert (compiled.gettext(text) if context is None else compiled.pgettext(context, text)) == message.string
    assert len(compiled._catalog) - 1 == sum(len(said(message)) for message in messages)


def test_chinese_punctuation_follows_gb_t_15834():
    for message in read(LOCALE / "zh_CN/LC_MESSAGES/quadfit_tui.po"):
        for text in said(message) if message.id else ():
            assert not re.search(rf"[{_HAN}][,;!?](?=[{_HAN}]|$)", text), text
            assert not re.search(rf"[{_HAN}]\.(?=[{_HAN}]|$)", text), text


def test_chinese_wording_and_percent_signs():
    """可用 is what is available, and no rule; the sign follows on its number (GB/T 15835)."""
    texts = {str(key(message)): said(message) for message in read(LOCALE / "zh_CN/LC_MESSAGES/quadfit_tui.po")}
    for folder in ("teaching/lessons", "manual", "teaching/template"):
        texts |= {str(path): [path.read_text("utf-8")] for path in (PACKAGE / folder / "zh_CN").iterdir()}
    found = [name for name, each in texts.items() for text in each if re.search(r"可用：|[\d})`]\s%(?! of)", text)]
    assert found == []


def test_looked_up_texts_are_literals():
    """What is put together before it is looked up is in no catalogue."""
    found = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KEYWORDS:
                if node.func.id in ("noted", "noted_in", "noted_counts"):
                    found += [(path.name, node.lineno)] * any(
                        isinstance(arg, ast.JoinedStr | ast.BinOp) for arg in node.args
                    )
                found += [(path.name, node.lineno)] * any(isinstance(arg, ast.JoinedStr) for arg in node.args)
    assert found == []
