"""Texts as lines to be heard: one sentence a line, in words; a sentence that is too long goes on in the next line."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable

from quadfit_tui.core.text.document import LINE_WIDTH
from quadfit_tui.core.text.quoting import printable
from quadfit_tui.core.text.spoken import in_words

# Behind the end of a sentence, which is none in `e.g. this` and `1, 2, ... 7`.
_BETWEEN = re.compile(r"\n\s*\n|(?<=[.?!])(?<!\.\.\.)(?<!e\.g\.)(?<!i\.e\.)\s+|(?<=[.?!][)\"'])\s+")


def sentences(text: str) -> list[str]:
    """The sentences of a text of some paragraphs, each on a line of its own, with their signs in words."""
    return [sentence for part in _BETWEEN.split(text) if (sentence := in_words(" ".join(part.split())))]


def lines_to_hear(text: str, spell: Callable[[str], str] = str) -> list[str]:
    """The sentences of a text as lines of LINE_WIDTH columns at most; `spell` puts each in other characters first.

    What does not print is a question mark.
    """
    lines = []
    for sentence in sentences(text):
        lines += textwrap.wrap(printable(spell(sentence)), LINE_WIDTH, break_on_hyphens=False)
    return lines


def ended(text: str) -> str:
    """A text as a sentence: with a full stop, where it has no end."""
    return text if text.endswith((".", "?", "!")) else f"{text}."
