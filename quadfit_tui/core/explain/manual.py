"""The manual: pages of Markdown in the package, in the order of its contents; and a search in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple
from urllib.parse import unquote

from quadfit_tui.core.files.virtual_files import program_files
from quadfit_tui.core.text.document import StyledLine
from quadfit_tui.core.text.language import current_language

CONTENTS = "README"  # the page that lists the others; sites show a file of this name beside its folder
FIRST = "how-it-works"


def pages() -> dict[str, str]:
    """Returns the Markdown of each page by its topic, the name of its file, in the order of the contents."""
    files = _files(current_language())
    return {name: files[name] for name in re.findall(r"\]\(([\w-]+)\.md\)", files[CONTENTS])}


def contents() -> str:
    """Returns the Markdown of the list of the pages."""
    return _files(current_language())[CONTENTS]


@cache
def _files(language: str) -> dict[str, str]:
    """Loads the pages by the names of their files, in English if one is missing in a language."""
    texts = {name.removesuffix(".md"): text.decode() for name, text in program_files("manual").items()}
    own = {name.removeprefix(f"{language}/"): text for name, text in texts.items() if name.startswith(f"{language}/")}
    return texts | own


def title_of(markdown: str) -> str:
    """Returns the title of a page of Markdown."""
    return markdown.partition("\n")[0].removeprefix("# ")


def topic_named(text: str) -> str | None:
    """Returns the topic that a user names by its name, with or without hyphens, or by its title; None if none is so."""
    plain, topics = text.casefold(), pages()
    by_title = {title_of(markdown).casefold(): topic for topic, markdown in topics.items()}
    hyphenated = plain.replace(" ", "-")
    return hyphenated if hyphenated in topics else by_title.get(plain)


def target_of(topic: str, link: str) -> tuple[str, str] | None:
    """Returns the topic and the anchor of a link on a page, or None if it leads out of the manual."""
    file, _, anchor = unquote(link).partition("#")  # the Markdown parser quotes non-ASCII characters
    page = file.removesuffix(".md") if file else topic
    return (page, anchor) if page in pages() else None


class SearchHit(NamedTuple):
    """A search hit: a section of a topic, and the number and text of its best line."""

    topic: str
    section: str
    line: int
    text: str


def find(words: str, lines: Mapping[str, Sequence[StyledLine]]) -> list[SearchHit]:
    """Searches all pages for sections with every one of the words; hits in headings come first."""
    terms = words.casefold().split()
    hits = [hit for topic, page in lines.items() for hit in _in_page(terms, topic, page)] if terms else []
    return sorted(hits, key=lambda hit: not any(word in hit.section.casefold() for word in terms))


def _in_page(terms: list[str], topic: str, page: Sequence[StyledLine]) -> Iterator[SearchHit]:
    """Yields the sections of a page that have all terms."""
    starts = [number for number, line in enumerate(page) if line.anchor]
    for start, end in zip(starts, [*starts[1:], len(page)], strict=True):
        texts = [line.text.casefold() for line in page[start:end]]
        if all(word in " ".join(map(str.strip, texts)) for word in terms):
            best = max(range(len(texts)), key=lambda number: sum(word in texts[number] for word in terms))
            yield SearchHit(topic, page[start].text, start + best, page[start + best].text.strip())
