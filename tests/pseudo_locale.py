"""A language for tests: each text that is looked up stands in ⟦ ⟧, in wide letters, and has no letter of ASCII.

Two letters become a wide one, as a terminal shows it: `w moved by {distance}` is `⟦ŵ ｍｖđ ƀý {distance}⟧`. So a text
takes the columns that it takes in English, and parts at the same blanks. What has ASCII letters was not looked up, or
is a name; a ⟦ without its ⟧ is cut.
"""

import gettext
import re
from contextlib import contextmanager

from rich.cells import cell_len

from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.methods.gradients import CONVENTIONS
from quadfit_tui.core.methods.optimizers import OPTIMIZERS
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.methods.stopping import STOP_RULES
from quadfit_tui.core.text import language

_PLACE = re.compile(r"((?<!\{)\{[^{}]*\}(?!\}))")
_WORD = re.compile(r"[A-Za-z][A-Za-z_-]{2,}")
_LETTERS = re.compile("[A-Za-z]+")
_LINK = re.compile(r"(\]\([^)]*\))")
_BEGIN = re.compile(r"\s*(?:(?:[-*>]|#+|\d+\.) )?\s*")  # of a line of Markdown: what makes it an item or a heading
_NARROW = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ…", "åƀçđéƒğĥíĵķłɱñöþɋřšŧůʋŵχýžÅɃÇĐÉƑĞĤÍĴĶŁƜÑÖƤɊŘŠŦŮƲŴΧÝŽ‥"
)
_WIDE = {code: chr(code + 0xFEE0) for code in range(ord("!"), ord("~") + 1)}
# The names of options, keys and their values are the same in every language, as are numbers that are none.
NAMES = frozenset({
    *PARAMETERS, *(row.option[2:] for row in PARAMETERS.values()), *PRESETS, *OPTIMIZERS, *SCHEDULES, *STOP_RULES,
    *CONVENTIONS, "full", "random", "yes", "off", "inf", "nan", "Enter", "Esc",
})  # fmt: skip


def pseudo(text):
    """A text in the language of tests; ⟦ and ⟧ take the places of two letters of its longest word."""
    pieces = _PLACE.split(text)  # every other one is a place
    words = (
        (len(word[0]), at, word.end()) for at in range(0, len(pieces), 2) for word in _LETTERS.finditer(pieces[at])
    )
    longest, at, end = max(words, default=(0, 0, 0))
    pieces[at] = pieces[at][: end - 2] + pieces[at][end:] if longest > 1 else pieces[at]
    pieces[::2] = map(_translated, pieces[::2])
    told = "".join(pieces)
    return f"⟦{told}⟧" if longest > 1 else told  # a sign, or {n} s


def _translated(text):
    """A text without letters of ASCII: of two, the first one in its wide form."""
    wide = re.sub("([A-Za-z])[a-z]", lambda pair: widened(pair[1]), text)
    return wide.translate(_NARROW)


def widened(text):
    """A text whose letters, digits and signs take two columns each; blanks stay."""
    return text.translate(_WIDE)


def narrowed(text):
    """A widened text as it was."""
    return text.translate({ord(wide): chr(code) for code, wide in _WIDE.items()})


def columns(text):
    """The columns of a text, as they are counted elsewhere."""
    return sum(map(cell_len, text))


def cells(text):
    """What stands in each column of a text, with what combines with it: nothing in the right half of a wide one."""
    return [cell for char in re.findall(r"\S[\u0300-\u036f]*|\s", text) for cell in (char, "")[: cell_len(char)]]


def starts(line, part):
    """The column of a terminal in which a part of a line begins."""
    assert part in line
    return cell_len(line.partition(part)[0])


def widest(lines):
    """The columns of the longest line."""
    return max(map(cell_len, lines))


def pseudo_page(markdown):
    """A page of the manual in the language of tests, but for where its links lead: each line, each cell of a table."""
    lines, is_code = [], False
    for line in markdown.splitlines():
        if line.lstrip().startswith("```"):
            is_code = not is_code
        else:
            told = "".join(part if part.startswith("](") else _translated(part) for part in _LINK.split(line))
            cells = told.split("|") if told.startswith("|") else [told]
            line = told if is_code else "|".join(map(_in_marks, cells))
        lines.append(line)
    return "\n".join(lines)


def _in_marks(text):
    begin = _BEGIN.match(text)[0]
    rest = text[len(begin) :].rstrip()
    return f"{begin}⟦{rest}⟧ " if re.search(r"\w", rest) else text


class Pseudo(gettext.NullTranslations):
    """Each text in ⟦ ⟧."""

    def gettext(self, message):
        return pseudo(message)

    def ngettext(self, msgid1, msgid2, n):
        return pseudo(msgid1 if n == 1 else msgid2)

    def pgettext(self, context, message):  # noqa: ARG002
        return pseudo(message)


@contextmanager
def pseudo_locale():
    """In it, the program speaks the language of tests."""
    language.install_catalog(Pseudo())
    try:
        yield
    finally:
        language.install_catalog(None)


def outside(text, names=()):
    """The words of a text that were not looked up and are no names; each ⟦ has its ⟧."""
    assert is_whole(text), text
    return [word for word in _WORD.findall(text) if word not in NAMES and word not in names]


def is_whole(text):
    """Whether each ⟦ has its ⟧: those before a … need none, where a text was shortened."""
    inside = loose = 0
    for sign in re.findall("[⟦⟧…]", text):
        if sign == "…":
            loose = inside
        inside += {"⟦": 1, "⟧": -1}.get(sign, 0)
        if inside < 0:
            return False
        loose = min(loose, inside)
    return inside <= loose
