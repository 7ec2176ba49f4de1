"""The language of what people read: texts are looked up in a catalogue of gettext; without one they are English.

A text is a whole one with named places: `_("w moved by {distance}").format(distance=…)`. What stands in a place is a
number, a name, what somebody typed, or a text of its own; where another text would bend (a case, a plural, another
verb) there is a text for each. Nothing edits what a translator wrote.
"""

from __future__ import annotations

import gettext
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from contextvars import ContextVar
from functools import reduce

Catalogue = gettext.NullTranslations  # of which one without texts is English
ENGLISH = "en"
LANGUAGES = {ENGLISH: "English", "zh_CN": "简体中文"}  # by code, what each calls itself
NAMED = "Language / 语言"  # what a choice of them is called in each: who reads one of them finds it
DOMAIN = "quadfit_tui"  # of the catalogues, as gettext calls it
# Where they are, in the package; importlib.resources takes long to load.
FOLDER = os.path.join(__file__.removesuffix(os.path.join("core", "text", "language.py")), "locale")
_ENGLISH = Catalogue()
_catalogue, _code = _ENGLISH, ENGLISH
_other = ContextVar[tuple[Catalogue, str] | None]("another language", default=None)


def install_catalog(catalogue: Catalogue | None, code: str = ENGLISH) -> None:
    """From now on texts are those of a catalogue, of the language of a code; None: English."""
    global _catalogue, _code
    _catalogue, _code = catalogue or _ENGLISH, code


def set_language(code: str) -> None:
    """From now on texts are in the language of a code of LANGUAGES; in English where its catalogue cannot be read."""
    install_catalog(*_found(code))


def _found(code: str) -> tuple[Catalogue, str]:
    if code != ENGLISH:
        with suppress(OSError, ValueError):
            return gettext.translation(DOMAIN, FOLDER, [code]), code
    return _ENGLISH, ENGLISH


def current_language() -> str:
    """The code of the language in use."""
    other = _other.get()
    return _code if other is None else other[1]


def match_language(locale: str) -> str | None:
    """The code of the language that a locale (zh_TW.UTF-8), a tag (zh-Hans) or a code names; None: there is none.

    A language that there is for another country only is taken as that.
    """
    name = locale.partition(".")[0].partition("@")[0].replace("-", "_").lower()
    codes = {code.lower(): code for code in LANGUAGES}
    alike = (code for code in LANGUAGES if code.partition("_")[0] == name.partition("_")[0])
    return codes.get(name) or next(alike, None)


def language_from_env(environ: Mapping[str, str]) -> str:
    """The language that an environment asks for, as gettext reads it: English where there is none that it names."""
    locale = next(filter(None, map(environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    listed_first = "" if locale in ("C", "POSIX") else environ.get("LANGUAGE", "")
    return next(filter(None, map(match_language, (listed_first or locale).split(":"))), ENGLISH)


def _present() -> Catalogue:
    other = _other.get()
    return _catalogue if other is None else other[0]


def _(text: str) -> str:
    """A text in the language in use."""
    return _present().gettext(text) if text else ""  # of an empty one gettext tells of the catalogue


def pgettext(context: str, text: str) -> str:
    """A text that would be another one elsewhere, as `start` of the samples and of a run."""
    return _present().pgettext(context, text)


def ngettext(one: str, many: str, n: int, **places: object) -> str:
    """A text of one and of more, in the plural that the language has for `n`, which stands at {n}: `{n} epochs`."""
    shown = str(n) if n < 10_000 else format(n, ",")
    return _present().ngettext(one, many, n).format(n=shown, **places)


def N_(text: str) -> str:  # noqa: N802  as gettext's users name it
    """Marks a text for extraction; `_` translates it when it is shown."""
    return text


def pgettext_noop(context: str, text: str) -> str:  # noqa: ARG001  read by who collects the texts
    """Marks a text that would be another one elsewhere; `pgettext` translates it when it is shown."""
    return text


def ngettext_noop(one: str, many: str) -> tuple[str, str]:
    """The two texts of `ngettext`, for a table or where they are too long for a line."""
    return one, many


@contextmanager
def in_language(code: str) -> Iterator[None]:
    """Within it, texts are in the language of a code, in this thread alone: for readers of their own languages."""
    before = _other.set(_found(code))
    try:
        yield
    finally:
        _other.reset(before)


def in_english() -> AbstractContextManager[None]:
    """Within it, texts are English, in this thread alone: for files that are the same in every language."""
    return in_language(ENGLISH)


def listed(items: Sequence[str]) -> str:
    """Some texts as a list in a sentence: a, b and c."""
    return _enumerated(items, _("{first} and {last}"))


def either(items: Sequence[str]) -> str:
    """Some names as a choice in a sentence: a, b or c."""
    return _enumerated(items, _("{first} or {last}"))


def either_text(items: Sequence[str]) -> str:
    """Some texts of the program as a choice in a sentence."""
    return _enumerated(items, pgettext("texts", "{first} or {last}"))


def comma_separated(items: Sequence[str]) -> str:
    """Some texts as a list that goes on, or stands alone: a, b, c."""
    return pgettext("between the items of a list", ", ").join(items)


def statements(items: Sequence[str]) -> str:
    """Some texts that each tell a value, in a row: a = 1, b = 2."""
    return pgettext("between statements", ", ").join(items)


def in_turn(items: Sequence[str]) -> str:
    """Some deeds as they follow on each other: a, then b, then c."""
    return reduce(lambda first, then: _("{first}, then {then}").format(first=first, then=then), items)


def labeled(name: str, text: str) -> str:
    """A text behind what it belongs to: `Learning rate: above 0`."""
    return _("{name}: {text}").format(name=name, text=text)


def with_remark(text: str, remark: str) -> str:
    """A text with another one in brackets behind it: `noise (above 0)`."""
    return _("{text} ({remark})").format(text=text, remark=remark)


def one_of(items: Sequence[str]) -> str:
    """Some names as what is allowed: one of a, b, c."""
    return _("one of {names}").format(names=comma_separated(items))


def clauses(items: Sequence[str]) -> str:
    """Some texts as the clauses of one sentence: it converges; press i for details. An empty one is left out."""
    return pgettext("between the clauses of a sentence", "; ").join(filter(None, items))


def full_stop(text: str) -> str:
    """Some clauses as a sentence, with the stop at its end."""
    return _("{clauses}.").format(clauses=text)


def paragraph(items: Sequence[str]) -> str:
    """Some sentences as they follow on each other; an empty one is left out."""
    both = pgettext("sentences", "{first} {then}")  # what is between them may be nothing, which is no text
    told = [*filter(None, items)]
    return reduce(lambda first, then: both.format(first=first, then=then), told) if told else ""


def _enumerated(items: Sequence[str], both: str) -> str:
    *others, last = items
    return both.format(first=comma_separated(others), last=last) if others else last
