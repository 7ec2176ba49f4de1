"""Headings of the lessons of the program, for lists, without the lessons; which translation is read of each lesson."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from quadfit_tui.core.config.toml.toml_table import TomlTable
from quadfit_tui.core.files import virtual_files
from quadfit_tui.core.text.language import current_language

SUFFIX = ".md"
DEFAULTS: Mapping[str, Any] = {"minutes": 15, "aim": ""}  # of keys that a lesson may leave out


class Heading(NamedTuple):
    """A lesson as lists show it."""

    id: str
    title: str
    minutes: int
    aim: str


def packaged_headings(language: str) -> list[Heading]:
    """Returns the headings of the program's lessons, in order, in a language if they are translated."""
    texts = virtual_files.program_files("teaching/lessons")
    return [_heading(texts[first].decode()) for first, *_others in names_of_lessons(texts, language)]


def _heading(text: str) -> Heading:
    """Returns the heading of a lesson file without errors."""
    front = re.split(r"^\+\+\+\s*$", text, maxsplit=2, flags=re.MULTILINE)[1]
    values = {**DEFAULTS, **TomlTable(front).values}
    return Heading(*(values[key] for key in Heading._fields))


def names_of_lessons(names: Collection[str], language: str) -> Iterator[list[str]]:
    """Yields the file names of each lesson, in order: its translations, `de/03-rate.md`, then the original.

    A translation for a country goes before one for the language alone: `zh_CN/03-rate.md`, then `zh/03-rate.md`.
    """
    languages = dict.fromkeys((language, language.partition("_")[0]))
    for original in sorted(name for name in names if "/" not in name and name.endswith(SUFFIX)):
        translations = [f"{each}/{original}" for each in languages]
        yield [*(name for name in translations if name in names), original]


def preferred_language(environment: Mapping[str, str]) -> str:
    """The language of lessons: that of the program; where that is English, by the locale: `de` of `de_DE.UTF-8`."""
    if (own := current_language()) != "en":
        return own
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(name):
            found = re.match(r"[a-z]{2,3}(?=[_.@]|$)", value)
            return found[0] if found else "en"
    return "en"
