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
    """Sets the process's language by the arguments, settings or environment; called before click parses anything.

    Also directs gettext, by which click looks up its own texts, to the program's catalogs.
    """
    code = language_for(args, partial(_saved, args), os.environ, getattr(sys.stdout or sys.stderr, "encoding", None))
    if code == language.ENGLISH:  # the language of a process that has set none
        return
    language.set_language(code)
    gettext.bindtextdomain(language.DOMAIN, language.FOLDER)
    gettext.textdomain(language.DOMAIN)
    os.environ["LANGUAGE"] = code  # click, and programs that this one starts, choose their language by it


def language_for(
    args: Sequence[str], saved: Callable[[], str | None], environ: Mapping[str, str], encoding: str | None
) -> str:
    """Returns the code of the language to use: that of --lang, else of the settings, else of the environment.

    Without --lang, a terminal that cannot show all characters gets English: a Linux console, or without UTF-8.
    `saved` loads the language of the settings, which takes time.
    """
    asked = _asked(args)
    if asked is not None:
        return asked
    if environ.get("TERM") == "linux" or not carries_all(environ, encoding):
        return language.ENGLISH
    return saved() or language.language_from_env(environ)


def _asked(args: Sequence[str]) -> str | None:
    """Returns the language code of the last --lang; None without one, or if unknown, which click refuses later."""
    named = _value(args, LANG_OPTION)
    return None if named is None else language.match_language(named)


def _value(args: Sequence[str], name: str) -> str | None:
    """Returns the value of the last option of this name in unparsed arguments; None without the option."""
    last = None
    for index, arg in enumerate(args):
        if arg == "--":
            break
        option, equals, value = arg.partition("=")
        if option == name:
            last = value if equals else "".join(args[index + 1 : index + 2])
    return last


def _saved(args: Sequence[str]) -> str | None:
    """Loads the language of the settings, unless --no-settings; first confines file access as the arguments ask."""
    if "--no-settings" in args:
        return None
    folder = _value(args, CONFINED_TO)
    if CONFINED in args or folder is not None:
        with suppress(NoHomeError):  # the option's own callback refuses it later
            access.configure(True, folder)
    return saved_language()
