"""The page's files: the page itself in the language of whoever asks, its scripts, the terminal and the font.

What others have made is in assets/vendor/ (where from: ORIGINS.md there); a distribution may have its own of these.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from html import escape

from quadfit_tui.core.files import access
from quadfit_tui.core.files.refusals import read_error
from quadfit_tui.core.files.virtual_files import program_files
from quadfit_tui.core.text.language import N_, _, comma_separated, in_language, pgettext
from quadfit_tui.core.text.quoting import quoted, with_problem
from quadfit_tui.serve.requests import File

_OWN = program_files("serve/assets")
_MOST_BYTES = 10_000_000  # of a file of a distribution
_OWN_NAMES = ("page.css", "page.js", "terminal.js", "touch.js", "styles.js", "icon.svg")
VENDORED = (
    *("xterm.mjs", "xterm.css", "addon-fit.mjs", "addon-unicode11.mjs", "font.woff2", "font-bold.woff2"),
    *("xterm-LICENSE.txt", "addons-LICENSE.txt", "font-LICENSE.txt"),
)
_KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}
# The texts of page.html by the names of their places; those of keys are the footer's of the app.
_TEXTS = {
    "description": N_("Watch gradient descent fit a parabola, live"),
    "noscript": N_("This page shows a program that runs on the server; for that it needs JavaScript."),
    "terminal": N_("Terminal: all keys are the program's, Tab too; F6 leaves it"),
    "leave": N_("F6 leaves the terminal; Shift and the mouse select text."),
    "starting": N_("The program starts…"),
    "lost": N_("The connection is lost. The page connects again by itself; the session waits for a minute."),
    "unreachable": N_("The server does not answer. The page tries again by itself; is the server running?"),
    "at_once": N_("Try now"),
    "anew": N_("Start again"),
    "other": N_("Your earlier session has ended; this is a new one."),
    "copy": N_("The browser lets no page copy here. Copy this by the browser's own key or menu:"),
    "close": N_("Close"),
    "keys": N_("Keys"),
    "play": N_("Play"),
    "step": N_("Step"),
    "halve": N_("Halve"),
    "double": N_("Double"),
    "view": N_("View"),
    "why": N_("Why"),
    "restart": N_("Restart"),
    "lessons": N_("Lessons"),
    "keyboard": N_("Keyboard"),
    "escape": N_("Close"),
}


class MissingAssetsError(ValueError):
    """A folder of --assets that cannot be one: a line about it."""


def files(assets: str | os.PathLike[str] | None) -> Mapping[str, File]:
    """All files but the page itself, by their paths; a folder of a distribution has some of VENDORED, or all.

    Raises MissingAssetsError.
    """
    found = {name: _OWN[name] for name in _OWN_NAMES}
    found |= {name: _OWN[path] for name in VENDORED if (path := f"vendor/{name}") in _OWN}
    if assets is not None:
        others = {name: path for name in VENDORED if access.exists(path := os.path.join(assets, name))}
        if not others:
            told = _("--assets {folder} has none of the files that it may have: {names}")
            raise MissingAssetsError(told.format(folder=assets, names=comma_separated(VENDORED)))
        found |= {name: _read(path) for name, path in others.items()}
    if missing := set(VENDORED) - found.keys():
        told = _("the page lacks {names}; --assets can name a folder that has them")
        raise MissingAssetsError(told.format(names=comma_separated(sorted(missing))))
    return {f"/{name}": File(_KINDS[os.path.splitext(name)[1]], content) for name, content in found.items()}


def _read(path: str) -> bytes:
    try:
        return access.read(path, _MOST_BYTES)
    except OSError as error:
        raise MissingAssetsError(with_problem(quoted(path), read_error(error))) from None


def page(language: str) -> bytes:
    """The page in the language of a code."""
    with in_language(language):
        texts = {name: escape(_(text)) for name, text in _TEXTS.items()} | {"back": escape(pgettext("time", "Back"))}
    return _OWN["page.html"].decode().format(lang=language.replace("_", "-"), **texts).encode()
