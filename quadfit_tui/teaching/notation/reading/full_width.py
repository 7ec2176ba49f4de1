"""Signs of the notation in full-width characters, as input methods for Chinese and Japanese write them: ＃＃, ［x］."""

from __future__ import annotations

import re
import unicodedata

from quadfit_tui.core.text.language import _
from quadfit_tui.core.text.quoting import quoted
from quadfit_tui.teaching.notation.reading.notation_error import Errors

_FULL_WIDTH = re.compile("[\uff01-\uff5e【】]")
_BRACKETS = str.maketrans("【】", "[]")  # which no normal form makes plain
_SIGNS = (  # one after the other, each behind what those before it have made plain
    re.compile(r"^ {0,3}[#＃]*＃"),  # of a heading
    re.compile(r"^\s*－(?=\s)"),  # of a row
    re.compile(r"(?<=^-)\s+(?:[\[［【][xXｘＸ\s][\]］】]|(?:hint|note|model)：)"),
    re.compile(r"[\]］】][(（](?:[=＝]|show[:：])"),  # of a number, or of a place
    re.compile(r"[［【](?=[^\[\]［］【】]*\]\((?:=|show:))"),
    re.compile(r"(?<=\]\()(?:=|show:)[^()（）]*）"),
    re.compile("｀"),  # of an expression
)
_ATTRIBUTES = re.compile(r"^[{｛]|(?<=[{｛\s])[#＃.．][\w-]+|(?<=\s)\w+＝|[}｝]\s*$")
_SETTING = re.compile(r"\s*[\w.-]+\s*([=＝]\s*[^\s\"'#]*)")


def narrowed(text: str, errors: Errors, first: int = 1) -> str:
    """Returns a lesson's text with the signs of its notation in plain characters, so that the rest of it can be read.

    Each sign that was full-width is noted among the errors; `first` is the line in which the text begins.
    """
    return "\n".join(
        _narrowed(line, number, errors) if _FULL_WIDTH.search(line) else line
        for number, line in enumerate(text.split("\n"), first)
    )


def _narrowed(line: str, number: int, errors: Errors) -> str:
    def plain_sign(found: re.Match[str]) -> str:
        if told := problem(found[0]):
            errors.add(number, told)
        return _plain(found[0])

    for signs in _SIGNS:
        line = signs.sub(plain_sign, line)
    if not line.startswith("##"):
        return line
    end = max(line.rfind("{"), line.rfind("｛"), 0)  # of the title
    return line[:end] + _ATTRIBUTES.sub(plain_sign, line[end:])


def in_setting(line: str) -> str:
    """Returns what is wrong with a line of TOML whose sign or value is full-width; empty for any other."""
    found = _SETTING.match(line)
    return problem(found[1]) if found else ""


def problem(written: str) -> str:
    """Returns what is wrong with signs that are full-width; empty for others."""
    plain = _plain(written)
    if plain == written:
        return ""
    told = _("has {written} in full-width characters; write {plain}")
    return told.format(written=quoted(written.strip()), plain=quoted(plain.strip()))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text.translate(_BRACKETS))
