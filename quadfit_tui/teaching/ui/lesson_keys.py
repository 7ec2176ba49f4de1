"""The keys of lessons on the main screen: those that are there always, of an open question, of a class."""

from __future__ import annotations

from textual.binding import Binding

from quadfit_tui.core.text.language import N_
from quadfit_tui.ui.keymap import app_key

_READ_AGAIN = N_("read the step before; Enter leads back to where you were")
_ANSWERS_AT_ONCE = N_("answer: the letter of a prediction, or the first digit of a number; Enter submits")
# While a lesson is open; first in the footer, since these keys lead on, except for L, which is always last.
IN_LESSON = (
    app_key("enter", "answer", N_("Answer"), N_("go to the question, or back to it")),
    app_key("enter", "go_on", N_("Go on"), N_("go on to the next step")),
    app_key("H", "hint", N_("Hint"), N_("show a hint")),
    app_key("S", "skip", N_("Skip"), N_("skip the step and see its answer (press it twice)")),
    app_key("R", "again", N_("Again"), N_("set up the step again")),
    app_key("backspace", "look_back", N_("Step before"), _READ_AGAIN, key_display="Bksp"),
    app_key(
        "m",
        "swap",
        N_("Text/Log"),
        N_("switch between the text of the lesson and the log, where there is one place"),
    ),
    app_key(
        "G",
        "steps",
        N_("Steps"),
        N_("--teacher: go to any step, unanswered"),
    ),
    app_key("escape", "put_aside", N_("Chart"), N_("on a small screen: back to the app; Enter shows the lesson again")),
    app_key("L", "leave_lesson", N_("Leave"), N_("leave the lesson; L and Enter come back to it")),
)
_ANSWERS = (
    N_("Answer A"),
    N_("Answer B"),
    N_("Answer C"),
    N_("Answer D"),
    N_("Answer E"),
    N_("Answer F"),
)
# While a question is open; before all other uses of these keys. The help page shows one of them for all.
ANSWERING = tuple(
    Binding(
        keys,
        f"type_answer('{character}')",
        label,
        tooltip=_ANSWERS_AT_ONCE,
        show=False,
        key_display="A-F 0-9" if character == "f" else None,
        priority=True,
        system=character != "f",
    )
    for keys, character, label in (
        *((f"{letter},{letter.upper()}", letter, label) for letter, label in zip("abcdef", _ANSWERS, strict=True)),
        *((digit, digit, "") for digit in "0123456789"),  # without a label: the palette shows no digits
        ("minus", "-", ""),
        ("full_stop", ".", ""),
        ("comma", ",", ""),
    )
)
# With a class; the first of all keys, since the class waits.
VOTE = app_key("V", "vote", N_("Vote"), N_("vote on the question of the class; --teacher: have it vote"))
