"""Signs of the notation in full-width characters, as input methods for Chinese and Japanese write them: ＃＃, ［x］."""

from __future__ import annotations

import re
import unicodedata

from quadfit_tui.core.text.language import _
from quadfit_tui.core.text.quoting import quoted
from quadfit_tui.teaching.notation.reading.notation_error import Errors

_FULL_WIDTH = re.compile("[\uff01-\uff5e【】]")
_BRACKETS = str.maketrans("【】", "[]")  # no Unicode normal form replaces these
_SIGNS = (  # applied in this order: later patterns expect the signs before theirs to be half-width already
    re.compile(r"^ {0,3}[#＃]*＃"),  # signs of a heading
    re.compile(r"^\s*－(?=\s)"),  # sign of a row
    re.compile(r"(?<=^-)\s+(?:[\[［【][xXｘＸ\s][\]］】]|(?:hint|note|model)：)"),  # mark of a row
    re.compile(r"[\]］】][(（](?:[=＝]|show[:：])"),  # between text and target of a stated number or a link
    re.compile(r"[［【](?=[^\[\]［］【】]*\]\((?:=|show:))"),  # bracket before their text
    re.compile(r"(?<=\]\()(?:=|show:)[^()（）]*）"),  # bracket behind their target
    re.compile("｀"),  # around an expression
)
_ATTRIBUTES = re.compile(r"^[{｛]|(?<=[{｛\s])[#＃.．][\w-]+|(?<=\s)\w+＝|[}｝]\s*$")
_SETTING = re.compile(r"\s*[\w.-]+\s*([=＝]\s*[^\s\"'#]*)")


def to_half_width(text: str, errors: Errors, first: int = 1) -> str:
    """Replaces full-width signs of the notation in a lesson's text by half-width ones; called before it is parsed.

    Each replaced sign is added to `errors`; `first` is the line number at which the text begins.
    """
    return "\n".join(
        _line_to_half_width(line, number, errors) if _FULL_WIDTH.search(line) else line
        for number, line in enumerate(text.split("\n"), first)
    )


def _line_to_half_width(line: str, number: int, errors: Errors) -> str:
    """Replaces the signs of one line; within headings, also those of attributes."""

    def replace(match: re.Match[str]) -> str:
        if problem := full_width_problem(match[0]):
            errors.add(number, problem)
        return _plain(match[0])

    for signs in _SIGNS:
        line = signs.sub(replace, line)
    if not line.startswith("##"):
        return line
    end = max(line.rfind("{"), line.rfind("｛"), 0)  # end of the title
    return line[:end] + _ATTRIBUTES.sub(replace, line[end:])


def full_width_in_setting(line: str) -> str:
    """Returns the message on a line of TOML with a full-width equals sign or value; empty if it has none."""
    setting = _SETTING.match(line)
    return full_width_problem(setting[1]) if setting else ""


def full_width_problem(written: str) -> str:
    """Returns the message that signs are full-width, with the half-width ones to write; empty if they are not."""
    plain = _plain(written)
    if plain == written:
        return ""
    problem = _("has {written} in full-width characters; write {plain}")
    return problem.format(written=quoted(written.strip()), plain=quoted(plain.strip()))


def _plain(text: str) -> str:
    """Returns the half-width form of signs."""
    return unicodedata.normalize("NFKC", text.translate(_BRACKETS))
