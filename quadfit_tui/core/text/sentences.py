"""Splits texts into lines for screen readers: one sentence a line, long sentences after a comma or colon."""

from __future__ import annotations

import re
from collections.abc import Callable

from quadfit_tui.core.text.document import LINE_WIDTH
from quadfit_tui.core.text.language import full_stop, pgettext
from quadfit_tui.core.text.pronunciation import in_words
from quadfit_tui.core.text.quoting import printable
from quadfit_tui.core.text.width import cell_width, wrapped

_STOPS = ".?!。？！"
# Matches after the end of a sentence, but not in `e.g. this` and `1, 2, ... 7`; a wide stop has no blank behind it.
_BETWEEN = re.compile(
    r"\n\s*\n|(?<=[.?!])(?<!\.\.\.)(?<!e\.g\.)(?<!i\.e\.)\s+|(?<=[.?!][)\"'])\s+"
    r"|(?<=[。？！])(?![）”’，；：])|(?<=[。？！][）”’])(?![，；：。])"
)
_CLAUSES = re.compile(r"(?<=[,:;])\s+|(?<=[，：；、])")


def sentences(text: str) -> list[str]:
    """Splits a text, of one or more paragraphs, into sentences, with signs such as `≤` in words for screen readers."""
    return [sentence for part in _BETWEEN.split(text) if (sentence := in_words(" ".join(part.split())))]


def lines_to_hear(text: str, spell: Callable[[str], str] = str) -> list[str]:
    """Renders a text for screen readers: its sentences as lines of at most LINE_WIDTH columns.

    `spell` transliterates each sentence first. Characters that do not print become question marks.
    """
    return [line for sentence in sentences(text) for line in _folded(printable(spell(sentence)))]


def _folded(sentence: str) -> list[str]:
    """Wraps a sentence into lines with as many clauses as fit; only a clause longer than a line is broken within."""
    lines: list[str] = []
    for clause in filter(None, _CLAUSES.split(sentence)):
        gap = "" if lines and lines[-1].endswith(("，", "：", "；", "、")) else " "
        if lines and cell_width(f"{lines[-1]}{gap}{clause}") <= LINE_WIDTH:
            lines[-1] += f"{gap}{clause}"
        else:
            lines += wrapped(clause, LINE_WIDTH)
    return lines


def capitalized(text: str) -> str:
    """Capitalizes the first letter of a text, if sentences of the language begin so; the rest stays as it is."""
    has_capitals = pgettext("letter that begins a sentence, capital or small", "A").isupper()
    return text[:1].upper() + text[1:] if has_capitals else text


def uncapitalized(text: str) -> str:
    """Lowercases the first letter of a text to go within a sentence, unless it begins with a name such as SGD or T."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def without_stop(text: str) -> str:
    """Removes the stop at the end of a text, so that a colon can follow."""
    return text.rstrip(_STOPS)


def with_stop(text: str) -> str:
    """Adds a full stop to a text that has no mark at its end."""
    return text if text.endswith(tuple(_STOPS)) else full_stop(text)
