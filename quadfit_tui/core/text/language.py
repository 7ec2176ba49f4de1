"""The language of texts that people read: they are looked up in a gettext catalog; without one they are English.

A text is a whole one with named placeholders: `_("w moved by {distance}").format(distance=…)`. A placeholder stands for
a number, a name, the user's input, or a text of its own. If a value would change the grammar around it (a case, a
plural, another verb), there is a text for each. No code edits what a translator wrote.
"""

from __future__ import annotations

import gettext
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from contextvars import ContextVar
from functools import reduce

Catalogue = gettext.NullTranslations  # without translations, it returns the English texts
ENGLISH = "en"
LANGUAGES = {ENGLISH: "English", "zh_CN": "简体中文"}  # by code, the name of each in itself
NAMED = "Language / 语言"  # the label of the choice, in all of them
DOMAIN = "quadfit_tui"  # gettext's name for the catalogs of one program
# The catalogs' folder in the package; importlib.resources would take long to load.
FOLDER = os.path.join(__file__.removesuffix(os.path.join("core", "text", "language.py")), "locale")
_ENGLISH = Catalogue()
_catalogue, _code = _ENGLISH, ENGLISH
_other = ContextVar[tuple[Catalogue, str] | None]("another language", default=None)


def install_catalog(catalogue: Catalogue | None, code: str = ENGLISH) -> None:
    """Installs a catalog for the whole process, with the code of its language; None: English."""
    global _catalogue, _code
    _catalogue, _code = catalogue or _ENGLISH, code


def set_language(code: str) -> None:
    """Sets the language of the whole process, a code of LANGUAGES; English if its catalog cannot be read."""
    install_catalog(*_load_catalog(code))


def _load_catalog(code: str) -> tuple[Catalogue, str]:
    """Loads the catalog of a language; returns it with the code, or that of English if it cannot be read."""
    if code != ENGLISH:
        with suppress(OSError, ValueError):
            return gettext.translation(DOMAIN, FOLDER, [code]), code
    return _ENGLISH, ENGLISH


def current_language() -> str:
    """Returns the code of the language in use."""
    other = _other.get()
    return _code if other is None else other[1]


def match_language(locale: str) -> str | None:
    """Returns the code of LANGUAGES for a locale (zh_TW.UTF-8), a tag (zh-Hans) or a code; None if none matches.

    If only another country's variant of the language is available, it is that one.
    """
    name = locale.partition(".")[0].partition("@")[0].replace("-", "_").lower()
    codes = {code.lower(): code for code in LANGUAGES}
    variants = (code for code in LANGUAGES if code.partition("_")[0] == name.partition("_")[0])
    return codes.get(name) or next(variants, None)


def language_from_env(environ: Mapping[str, str]) -> str:
    """Returns the language that environment variables ask for, in gettext's order of precedence; English if none."""
    locale = next(filter(None, map(environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    listed_first = "" if locale in ("C", "POSIX") else environ.get("LANGUAGE", "")
    return next(filter(None, map(match_language, (listed_first or locale).split(":"))), ENGLISH)


def _current_catalog() -> Catalogue:
    other = _other.get()
    return _catalogue if other is None else other[0]


def _(text: str) -> str:
    """Translates a text to the language in use."""
    return _current_catalog().gettext(text) if text else ""  # gettext("") returns the catalog's header


def pgettext(context: str, text: str) -> str:
    """Translates a text that has different translations by context, such as `start` of samples and of a run."""
    return _current_catalog().pgettext(context, text)


def ngettext(one: str, many: str, n: int, **places: object) -> str:
    """Translates a text in the plural form for `n` and fills in {n}, as in `{n} epochs`, and the other placeholders."""
    number = str(n) if n < 10_000 else format(n, ",")
    return _current_catalog().ngettext(one, many, n).format(n=number, **places)


def N_(text: str) -> str:  # noqa: N802  gettext's customary name
    """Marks a text for extraction; `_` translates it when it is shown."""
    return text


def pgettext_noop(context: str, text: str) -> str:  # noqa: ARG001  read by the tool that extracts texts
    """Marks a text, with its context, for extraction; `pgettext` translates it when it is shown."""
    return text


def ngettext_noop(one: str, many: str) -> tuple[str, str]:
    """Marks the singular and plural of a text for extraction; `ngettext` translates them when they are shown."""
    return one, many


@contextmanager
def in_language(code: str) -> Iterator[None]:
    """Sets the language of texts within a `with` block, in this thread alone: for readers with their own languages."""
    before = _other.set(_load_catalog(code))
    try:
        yield
    finally:
        _other.reset(before)


def in_english() -> AbstractContextManager[None]:
    """Sets English within a `with` block, in this thread alone: for files that are the same in every language."""
    return in_language(ENGLISH)


def join_and(items: Sequence[str]) -> str:
    """Joins texts to a list in a sentence: `a, b and c`."""
    return _enumerated(items, _("{first} and {last}"))


def join_or(items: Sequence[str]) -> str:
    """Joins names to a choice in a sentence: `a, b or c`."""
    return _enumerated(items, _("{first} or {last}"))


def join_text_or(items: Sequence[str]) -> str:
    """Joins translated texts, not names, to a choice in a sentence: `a, b or c`."""
    return _enumerated(items, pgettext("texts", "{first} or {last}"))


def comma_separated(items: Sequence[str]) -> str:
    """Joins texts to a list without `and`: `a, b, c`."""
    return pgettext("between the items of a list", ", ").join(items)


def statements(items: Sequence[str]) -> str:
    """Joins texts that each state a value: `a = 1, b = 2`."""
    return pgettext("between statements", ", ").join(items)


def join_then(items: Sequence[str]) -> str:
    """Joins actions in the order of time: `a, then b, then c`."""
    return reduce(lambda first, then: _("{first}, then {then}").format(first=first, then=then), items)


def labeled(name: str, text: str) -> str:
    """Formats a text behind its label: `Learning rate: above 0`."""
    return _("{name}: {text}").format(name=name, text=text)


def with_remark(text: str, remark: str) -> str:
    """Formats a text with a remark in brackets behind it: `noise (above 0)`."""
    return _("{text} ({remark})").format(text=text, remark=remark)


def one_of(items: Sequence[str]) -> str:
    """Formats the names that are allowed: `one of a, b, c`."""
    return _("one of {names}").format(names=comma_separated(items))


def clauses(items: Sequence[str]) -> str:
    """Joins texts to the clauses of one sentence, empty ones left out: `it converges; press i for details`."""
    return pgettext("between the clauses of a sentence", "; ").join(filter(None, items))


def full_stop(text: str) -> str:
    """Adds the full stop of the language to a sentence without one."""
    return _("{clauses}.").format(clauses=text)


def paragraph(items: Sequence[str]) -> str:
    """Joins sentences to a paragraph, empty ones left out."""
    # The blank is part of a template: some languages have none, and an empty text cannot be translated.
    template = pgettext("sentences", "{first} {then}")
    sentences = [*filter(None, items)]
    return reduce(lambda first, then: template.format(first=first, then=then), sentences) if sentences else ""


def _enumerated(items: Sequence[str], template: str) -> str:
    *others, last = items
    return template.format(first=comma_separated(others), last=last) if others else last
