"""A language for tests in which each text that is looked up stands in ⟦ ⟧: what stands outside was not looked up.

What is put into a place of a text stands outside, too: `w moved by {distance}` is ⟦w moved by ⟧0.5⟦⟧.
"""

import gettext
import re
from contextlib import contextmanager

from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.methods.gradients import CONVENTIONS
from quadfit_tui.core.methods.optimizers import OPTIMIZERS
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.methods.stopping import STOP_RULES
from quadfit_tui.core.text import language

_PLACE = re.compile(r"(?<!\{)\{[^{}]*\}(?!\})")
_WORD = re.compile(r"[A-Za-z][A-Za-z_-]{2,}")
# The names of options, keys and their values are the same in every language, as are numbers that are none.
NAMES = frozenset({
    *PARAMETERS, *(row.option[2:] for row in PARAMETERS.values()), *PRESETS, *OPTIMIZERS, *SCHEDULES, *STOP_RULES,
    *CONVENTIONS, "full", "random", "yes", "off", "inf", "nan", "Enter", "Esc",
})  # fmt: skip


class Marked(gettext.NullTranslations):
    """Each text in ⟦ ⟧."""

    def gettext(self, message):
        return f"⟦{_PLACE.sub(lambda place: f'⟧{place[0]}⟦', message)}⟧"

    def ngettext(self, msgid1, msgid2, n):
        return self.gettext(msgid1 if n == 1 else msgid2)

    def pgettext(self, context, message):  # noqa: ARG002
        return self.gettext(message)


@contextmanager
def marked():
    """In it, texts are marked."""
    language.use(Marked())
    try:
        yield
    finally:
        language.use(None)


def outside(text, names=()):
    """The words of a text that stand in no ⟦ ⟧ and are no names; each ⟦ has its ⟧."""
    parts, inside = re.split("([⟦⟧])", text), False
    found = []
    for part in parts:
        if part in ("⟦", "⟧"):
            assert inside is (part == "⟧"), text
            inside = part == "⟦"
        elif not inside:
            found += _WORD.findall(part)
    assert not inside, text
    return [word for word in found if word not in NAMES and word not in names]
