"""Splits texts into lines for screen readers: a sentence a line, long ones behind a comma or colon."""

from __future__ import annotations

import re
from collections.abc import Callable

from quadfit_tui.core.text.document import LINE_WIDTH
from quadfit_tui.core.text.language import full_stop, pgettext
from quadfit_tui.core.text.pronunciation import in_words
from quadfit_tui.core.text.quoting import printable
from quadfit_tui.core.text.width import cell_width, wrapped

_STOPS = ".?!。？！"
# Behind the end of a sentence, which is none in `e.g. this` and `1, 2, ... 7`; a wide stop has no blank behind it.
_BETWEEN = re.compile(
    r"\n\s*\n|(?<=[.?!])(?<!\.\.\.)(?<!e\.g\.)(?<!i\.e\.)\s+|(?<=[.?!][)\"'])\s+"
    r"|(?<=[。？！])(?![）”’，；：])|(?<=[。？！][）”’])(?![，；：。])"
)
_CLAUSES = re.compile(r"(?<=[,:;])\s+|(?<=[，：；、])")


def sentences(text: str) -> list[str]:
    """The sentences of a text of some paragraphs, each on a line of its own, with their signs in words."""
    return [sentence for part in _BETWEEN.split(text) if (sentence := in_words(" ".join(part.split())))]


def lines_to_hear(text: str, spell: Callable[[str], str] = str) -> list[str]:
    """The sentences of a text as lines of LINE_WIDTH columns at most; `spell` puts each in other characters first.

    What does not print is a question mark.
    """
    return [line for sentence in sentences(text) for line in _folded(printable(spell(sentence)))]


def _folded(sentence: str) -> list[str]:
    """A sentence in lines, each with as many of its clauses as fit; only a clause that is too long is cut within."""
    lines: list[str] = []
    for clause in filter(None, _CLAUSES.split(sentence)):
        gap = "" if lines and lines[-1].endswith(("，", "：", "；", "、")) else " "
        if lines and cell_width(f"{lines[-1]}{gap}{clause}") <= LINE_WIDTH:
            lines[-1] += f"{gap}{clause}"
        else:
            lines += wrapped(clause, LINE_WIDTH)
    return lines


def capitalized(text: str) -> str:
    """A text as a sentence begins: with a capital letter, in a language that has it so; all else is as it was."""
    begins_so = pgettext("letter that begins a sentence, capital or small", "A").isupper()
    return text[:1].upper() + text[1:] if begins_so else text


def uncapitalized(text: str) -> str:
    """A text as it goes on within a sentence: with a small letter, unless it begins with a name such as SGD or T."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def unended(text: str) -> str:
    """A text without its stop, to be followed by a colon."""
    return text.rstrip(_STOPS)


def ended(text: str) -> str:
    """A text as a sentence: with a full stop, where it has no end."""
    return text if text.endswith(tuple(_STOPS)) else full_stop(text)
