"""The words that a newcomer meets: what each means, for the help page, the tooltips, the form and the manual.

A meaning fits three lines of 60 columns, the most that a tooltip has.
"""

from __future__ import annotations

import re

from quadfit_tui.core.text.language import _, noted
from quadfit_tui.core.text.width import cut

# Those of the first screen, in the order in which they stand there.
GLOSSARY: dict[str, str] = {
    noted("epoch"): noted("one pass over all samples"),
    noted("learning rate"): noted("lr: how far each update moves a, b and c against the gradient"),
    noted("limit"): noted("the largest learning rate that still works; above it each epoch lands farther off"),
    noted("fitted"): noted("the current parabola: training changes its a, b and c until it fits"),
    noted("true"): noted("the parabola that the samples come from"),
    noted("mean loss"): noted("the mean over all samples of (f(x) - y)²: the smaller, the better it fits"),
    noted("sgd"): noted("plain gradient descent: each update is the learning rate times the gradient"),
    noted("batch"): noted("how many samples each update looks at; full: all of them"),
    noted("constant"): noted("the schedule: the learning rate stays as it is; others lower it over the epochs"),
}
_MORE: dict[str, str] = {  # names of choices and parameters are the same in every language
    "a, b, c": noted("the three numbers that training changes: the parabola is f(x) = a·x² + b·x + c"),
    "adagrad": noted("an optimizer: each of a, b and c has a rate of its own, which falls with every gradient"),
    noted("at rest"): noted("no parabola gets closer to the samples than this one; Space goes on"),
    "adam": noted("an optimizer: a recent mean of the gradient, divided by the recent size of the gradient"),
    noted("condition number"): noted(
        "how much steeper the valley of the loss is across than along: the larger it is, the longer training takes"
    ),
    noted("converged"): noted("the loss has come below tol, and training is done"),
    "cosine": noted("a schedule: the learning rate follows half a cosine wave, down to 0 at the end of the run"),
    noted("diverged"): noted("a, b and c got farther and farther off, most often because lr is above the limit"),
    "exponential": noted("a schedule: each epoch multiplies the learning rate by the same number below 1"),
    noted("gradient"): noted(
        "how the loss changes as a, b or c grows: three numbers that point uphill, so training goes against them"
    ),
    noted("gradient descent"): noted("start somewhere, look which way is down, take a step that way, and repeat"),
    "halve": noted("a schedule: the learning rate is halved again and again, after so many epochs each time"),
    noted("init"): noted("the a, b and c that training starts from"),
    "inverse-time": noted("a schedule: the learning rate falls ever more slowly, in the end like 1 / epoch"),
    noted("loss"): noted("the mean of the squared residuals of a batch, before its update: how wrong the parabola is"),
    noted("momentum"): noted(
        "an optimizer: a velocity keeps a part of itself, like a heavy ball that rolls; momentum is that part"
    ),
    "nesterov": noted("momentum that looks ahead: it also moves by what the next update will keep"),
    noted("noise"): noted("random errors in the y of the samples: with them, no parabola passes through all of them"),
    noted("optimizer"): noted("how an update uses the gradient: as it is, with a memory, or divided by its size"),
    noted("optimum"): noted("the a, b and c with the smallest mean loss there can be: nothing fits the samples better"),
    noted("preset"): noted("a run that is prepared: its samples, start and settings under a name"),
    noted("residual"): noted("f(x) - y: how far the curve is above a sample; negative where it is below"),
    "rmsprop": noted("an optimizer: the gradient is divided by its own recent size"),
    noted("sample"): noted("a point (x, y) that the parabola should pass close to"),
    noted("schedule"): noted("how the learning rate changes from epoch to epoch"),
    noted("state"): noted("what the run is doing, or how it ended; a click plays or pauses"),
    noted("tol"): noted("the tolerance: training ends once the mean loss is below it"),
    noted("update"): noted("one change of a, b and c, by the gradient of one batch"),
    noted("valley"): noted(
        "the shape of the loss over a, b and c: steep across, flat along; training is fast down to its floor, then slow"
    ),
    "w": noted("the parameters a, b and c together"),
}
WORDS = GLOSSARY | _MORE
# Texts of the screen that say a word in another way: each by what stands before its first place.
_SAID = {
    noted("lr {rate}"): "learning rate",
    noted("true y = {polynomial}"): "true",
    noted("READY"): "state",
    noted("RUNNING"): "state",
    noted("PAUSED"): "state",
    noted("FINISHED"): "state",
    noted("STOPPED"): "state",
    noted("CONVERGED"): "converged",
    noted("AT REST"): "at rest",
    noted("DIVERGING"): "diverged",
    noted("DIVERGED"): "diverged",
}
_OF_SETTINGS = {"lr": "learning rate", "batch": "batch"}  # what a field of the form is about
_CHOICES = ("optimizer", "schedule")  # whose values are words
_PART = re.compile(r"[^ ·](?:[^ ·]| (?![ ·]))*")  # of a row: what stands between two blanks, or dots


def meaning(word: str) -> str:
    """Returns what a word means; empty if it is none of the glossary."""
    return _(WORDS.get(word, ""))


def meaning_of_setting(name: str, value: str) -> str:
    """Returns what a parameter means, or the value that was chosen for it; empty if its own help says more."""
    return meaning(value if name in _CHOICES else _OF_SETTINGS.get(name, ""))


def meaning_at(row: str, column: int) -> str:
    """Returns what the word at a column of a row of the screen means; empty if there is none of the glossary.

    To a word belongs what follows on it in its part of the row, and to the first one what stands before it: of
    `0 of 500 epochs  learning rate 0.2 ▕███░░░▏ 39 % of the limit 0.511` all numbers are told, too.
    """
    at = len(cut(row, column))
    part = next((part for part in _PART.finditer(row) if part.start() <= at < part.end()), None)
    if part is None:
        return ""
    words, found = _words(), ""
    for name in _pattern(words).finditer(part[0]):
        if found and part.start() + name.start() > at:
            break
        found = words[name[0]]
    return meaning(found)


def _words() -> dict[str, str]:
    """The words by what the screen calls them in the language in use; names of choices stay as they are."""
    said = {_(text).partition("{")[0].strip(): word for text, word in _SAID.items()}
    return {**{word: word for word in WORDS}, **{_(word): word for word in WORDS}, **said, "▕": "limit"}


def _pattern(names: dict[str, str]) -> re.Pattern[str]:
    """What finds the longest of the names, also in the plural, but not within another word."""
    longest_first = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    return re.compile(rf"(?<![A-Za-z-])(?:{longest_first})(?=s?(?![A-Za-z-]))")
