"""Which language the command line speaks: one a process, chosen before anything is said."""

from __future__ import annotations

import gettext
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial

from quadfit_tui.cli.parsing.help import LANG_OPTION
from quadfit_tui.cli.parsing.options import CONFINED, CONFINED_TO
from quadfit_tui.cli.settings import saved_language
from quadfit_tui.core.files import access
from quadfit_tui.core.files.home import NoHomeError
from quadfit_tui.core.text import language
from quadfit_tui.ui.display.capabilities import carries_all


def choose_language(args: Sequence[str]) -> None:
    """From now on texts are in the language that the arguments, the settings or the environment ask for.

    Those of click, which looks them up by gettext, are in the same one.
    """
    code = chosen(args, partial(_saved, args), os.environ, getattr(sys.stdout or sys.stderr, "encoding", None))
    if code == language.ENGLISH:  # as it is at the begin
        return
    language.set_language(code)
    gettext.bindtextdomain(language.DOMAIN, language.FOLDER)
    gettext.textdomain(language.DOMAIN)
    os.environ["LANGUAGE"] = code  # by which click, and programs that this one starts, choose theirs


def chosen(
    args: Sequence[str], saved: Callable[[], str | None], environ: Mapping[str, str], encoding: str | None
) -> str:
    """The code of the language that --lang names, else that of the settings, else that of the environment.

    Without --lang it is English where some characters are not shown: by a console of Linux, in encodings but UTF-8.
    """
    if (asked := _asked(args)) is not None:
        return asked
    if environ.get("TERM") == "linux" or not carries_all(environ, encoding):
        return language.ENGLISH
    return saved() or language.language_from_env(environ)


def _asked(args: Sequence[str]) -> str | None:
    """The language that the last --lang names; none where it names none, which is refused later."""
    named = _value(args, LANG_OPTION)
    return None if named is None else language.match_language(named)


def _value(args: Sequence[str], name: str) -> str | None:
    """What the last option of this name has behind it."""
    found = None
    for at, arg in enumerate(args):
        if arg == "--":
            break
        option, equals, value = arg.partition("=")
        if option == name:
            found = value if equals else "".join(args[at + 1 : at + 2])
    return found


def _saved(args: Sequence[str]) -> str | None:
    """The language of the settings, where the arguments leave it to them."""
    if "--no-settings" in args:
        return None
    folder = _value(args, CONFINED_TO)
    if CONFINED in args or folder is not None:
        with suppress(NoHomeError):  # which is refused later
            access.configure(True, folder)
    return saved_language()
