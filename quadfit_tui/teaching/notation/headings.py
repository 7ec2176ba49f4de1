"""Headings of the packaged lessons for lists, without parsing the lessons; the choice of each lesson's translation."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from quadfit_tui.core.config.toml.toml_table import TomlTable
from quadfit_tui.core.files import virtual_files
from quadfit_tui.core.text.language import current_language

SUFFIX = ".md"
DEFAULTS: Mapping[str, Any] = {"minutes": 15, "aim": ""}  # values of keys that a lesson may omit


class Heading(NamedTuple):
    """The data of a lesson that a list shows."""

    id: str
    title: str
    minutes: int
    aim: str


def packaged_headings(language: str) -> list[Heading]:
    """Returns the headings of the packaged lessons in order, translated to `language` if there is a translation."""
    texts = virtual_files.program_files("teaching/lessons")
    return [_heading(texts[first].decode()) for first, *_others in names_of_lessons(texts, language)]


def _heading(text: str) -> Heading:
    """Parses the heading from the text of a lesson file, which must be free of errors."""
    front = re.split(r"^\+\+\+\s*$", text, maxsplit=2, flags=re.MULTILINE)[1]
    values = {**DEFAULTS, **TomlTable(front).values}
    return Heading(*(values[key] for key in Heading._fields))


def names_of_lessons(names: Collection[str], language: str) -> Iterator[list[str]]:
    """Yields for each lesson its file names in order of preference: translations (`de/03-rate.md`), then the original.

    A translation for a country precedes one for the language alone: `zh_CN/03-rate.md`, then `zh/03-rate.md`.
    """
    languages = dict.fromkeys((language, language.partition("_")[0]))
    for original in sorted(name for name in names if "/" not in name and name.endswith(SUFFIX)):
        translations = [f"{code}/{original}" for code in languages]
        yield [*(name for name in translations if name in names), original]


def preferred_language(environment: Mapping[str, str]) -> str:
    """Returns the language code for lessons: that of the program, or if it is English the locale's."""
    if (own := current_language()) != "en":
        return own
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(name):
            code = re.match(r"[a-z]{2,3}(?=[_.@]|$)", value)
            return code[0] if code else "en"
    return "en"
