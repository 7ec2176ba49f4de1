"""The glossary: words that a newcomer meets, with their meanings, for the help page, tooltips, form and manual.

A meaning fits three lines of 60 columns, the most that a tooltip has.
"""

from __future__ import annotations

import re

from quadfit_tui.core.text.language import N_, _
from quadfit_tui.core.text.width import cut

# The words of the first screen, in their order there.
GLOSSARY: dict[str, str] = {
    N_("epoch"): N_("one pass over all samples"),
    N_("learning rate"): N_("lr: how far each update moves a, b and c against the gradient"),
    N_("limit"): N_("the largest learning rate that still works; above it each epoch lands farther off"),
    N_("fitted"): N_("the current parabola: training changes its a, b and c until it fits"),
    N_("true"): N_("the parabola that the samples come from"),
    N_("mean loss"): N_("the mean over all samples of (f(x) - y)²: the smaller, the better it fits"),
    N_("sgd"): N_("plain gradient descent: each update is the learning rate times the gradient"),
    N_("batch"): N_("how many samples each update looks at; full: all of them"),
    N_("constant"): N_("the schedule: the learning rate stays as it is; others lower it over the epochs"),
}
_MORE: dict[str, str] = {  # names of choices and parameters are the same in every language
    "a, b, c": N_("the three numbers that training changes: the parabola is f(x) = a·x² + b·x + c"),
    "adagrad": N_("an optimizer: each of a, b and c has a rate of its own, which falls with every gradient"),
    N_("at rest"): N_("no parabola gets closer to the samples than this one; Space goes on"),
    "adam": N_("an optimizer: a recent mean of the gradient, divided by the recent size of the gradient"),
    N_("condition number"): N_(
        "how much steeper the valley of the loss is across than along: the larger it is, the longer training takes"
    ),
    N_("converged"): N_("the loss has come below tol, and training is done"),
    "cosine": N_("a schedule: the learning rate follows half a cosine wave, down to 0 at the end of the run"),
    N_("diverged"): N_("a, b and c got farther and farther off, most often because lr is above the limit"),
    "exponential": N_("a schedule: each epoch multiplies the learning rate by the same number below 1"),
    N_("gradient"): N_(
        "how the loss changes as a, b or c grows: three numbers that point uphill, so training goes against them"
    ),
    N_("gradient descent"): N_("start somewhere, look which way is down, take a step that way, and repeat"),
    "halve": N_("a schedule: the learning rate is halved again and again, after so many epochs each time"),
    N_("init"): N_("the a, b and c that training starts from"),
    "inverse-time": N_("a schedule: the learning rate falls ever more slowly, in the end like 1 / epoch"),
    N_("loss"): N_("the mean of the squared residuals of a batch, before its update: how wrong the parabola is"),
    N_("momentum"): N_(
        "an optimizer: a velocity keeps a part of itself, like a heavy ball that rolls; momentum is that part"
    ),
    "nesterov": N_("momentum that looks ahead: it also moves by what the next update will keep"),
    N_("noise"): N_("random errors in the y of the samples: with them, no parabola passes through all of them"),
    N_("optimizer"): N_("how an update uses the gradient: as it is, with a memory, or divided by its size"),
    N_("optimum"): N_("the a, b and c with the smallest mean loss there can be: nothing fits the samples better"),
    N_("preset"): N_("a run that is prepared: its samples, start and settings under a name"),
    N_("residual"): N_("f(x) - y: how far the curve is above a sample; negative where it is below"),
    "rmsprop": N_("an optimizer: the gradient is divided by its own recent size"),
    N_("sample"): N_("a point (x, y) that the parabola should pass close to"),
    N_("schedule"): N_("how the learning rate changes from epoch to epoch"),
    N_("state"): N_("what the run is doing, or how it ended; a click plays or pauses"),
    N_("tol"): N_("the tolerance: training ends once the mean loss is below it"),
    N_("update"): N_("one change of a, b and c, by the gradient of one batch"),
    N_("valley"): N_(
        "the shape of the loss over a, b and c: steep across, flat along; training is fast down to its floor, then slow"
    ),
    "w": N_("the parameters a, b and c together"),
}
WORDS = GLOSSARY | _MORE
# Texts of the screen that stand for a word: the part of a template before its first place is matched.
_SYNONYMS = {
    N_("lr {rate}"): "learning rate",
    N_("true y = {polynomial}"): "true",
    N_("READY"): "state",
    N_("RUNNING"): "state",
    N_("PAUSED"): "state",
    N_("FINISHED"): "state",
    N_("STOPPED"): "state",
    N_("CONVERGED"): "converged",
    N_("AT REST"): "at rest",
    N_("DIVERGING"): "diverged",
    N_("DIVERGED"): "diverged",
}
_OF_SETTINGS = {"lr": "learning rate", "batch": "batch"}  # names of the form's fields and their words
_CHOICES = ("optimizer", "schedule")  # parameters with values that are words
_PART = re.compile(r"[^ ·](?:[^ ·]| (?![ ·]))*")  # a part of a row ends at two blanks, or a dot


def meaning(word: str) -> str:
    """Returns the meaning of a word, or an empty string if the glossary lacks it."""
    return _(WORDS.get(word, ""))


def meaning_of_setting(name: str, value: str) -> str:
    """Returns the meaning of a parameter, or of its value; empty if its own help is fuller."""
    return meaning(value if name in _CHOICES else _OF_SETTINGS.get(name, ""))


def meaning_at(row: str, column: int) -> str:
    """Returns the meaning of the word at a column of a row of the screen, for its tooltip; else an empty string.

    A word covers the text after it in its part of the row, and the first word also the text before it: in
    `0 of 500 epochs  learning rate 0.2 ▕███░░░▏ 39 % of the limit 0.511` all numbers are covered, too.
    """
    index = len(cut(row, column))
    part = next((part for part in _PART.finditer(row) if part.start() <= index < part.end()), None)
    if part is None:
        return ""
    words, word = _words(), ""
    for name in _pattern(words).finditer(part[0]):
        if word and part.start() + name.start() > index:
            break
        word = words[name[0]]
    return meaning(word)


def _words() -> dict[str, str]:
    """Returns the words by their texts on the screen, in the present language; names of choices stay in English."""
    synonyms = {_(text).partition("{")[0].strip(): word for text, word in _SYNONYMS.items()}
    return {**{word: word for word in WORDS}, **{_(word): word for word in WORDS}, **synonyms, "▕": "limit"}


def _pattern(names: dict[str, str]) -> re.Pattern[str]:
    """Returns a pattern that matches the longest of the names, also in the plural, but not within another word."""
    longest_first = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    return re.compile(rf"(?<![A-Za-z-])(?:{longest_first})(?=s?(?![A-Za-z-]))")
