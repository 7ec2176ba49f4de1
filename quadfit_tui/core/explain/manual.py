"""The manual: pages of Markdown that the package brings along, in the order of its contents; what is found in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple
from urllib.parse import unquote

from quadfit_tui.core.files.virtual_files import program_files
from quadfit_tui.core.text.document import StyledLine
from quadfit_tui.core.text.language import current_language

CONTENTS = "README"  # the page that lists the others, under the name that sites show beside a folder
FIRST = "how-it-works"


def pages() -> dict[str, str]:
    """The Markdown of each page by its topic, the name of its file, in the order of the contents."""
    files = _files(current_language())
    return {name: files[name] for name in re.findall(r"\]\(([\w-]+)\.md\)", files[CONTENTS])}


def contents() -> str:
    """The Markdown of the list of the pages."""
    return _files(current_language())[CONTENTS]


@cache
def _files(language: str) -> dict[str, str]:
    """The pages by the names of their files; one that is not there in a language is in English."""
    found = {name.removesuffix(".md"): text.decode() for name, text in program_files("manual").items()}
    own = {name.removeprefix(f"{language}/"): text for name, text in found.items() if name.startswith(f"{language}/")}
    return found | own


def title_of(markdown: str) -> str:
    """The title of a page."""
    return markdown.partition("\n")[0].removeprefix("# ")


def target_of(topic: str, link: str) -> tuple[str, str] | None:
    """The topic and the anchor that a link on a page leads to; None where it leads out of the manual."""
    file, _, anchor = unquote(link).partition("#")  # as the reader of Markdown writes what is not ASCII
    named = file.removesuffix(".md") if file else topic
    return (named, anchor) if named in pages() else None


class Found(NamedTuple):
    """A section in which words were found: where it stands, and the line that has them, or the first of them."""

    topic: str
    section: str
    line: int
    text: str


def find(words: str, lines: Mapping[str, Sequence[StyledLine]]) -> list[Found]:
    """The sections of all pages that have every one of the words; first those in whose heading one stands."""
    typed = words.casefold().split()
    found = [hit for topic, page in lines.items() for hit in _in_page(typed, topic, page)] if typed else []
    return sorted(found, key=lambda hit: not any(word in hit.section.casefold() for word in typed))


def _in_page(typed: list[str], topic: str, page: Sequence[StyledLine]) -> Iterator[Found]:
    starts = [at for at, line in enumerate(page) if line.anchor]
    for start, end in zip(starts, [*starts[1:], len(page)], strict=True):
        texts = [line.text.casefold() for line in page[start:end]]
        if all(word in " ".join(map(str.strip, texts)) for word in typed):
            best = max(range(len(texts)), key=lambda at: sum(word in texts[at] for word in typed))
            yield Found(topic, page[start].text, start + best, page[start + best].text.strip())
