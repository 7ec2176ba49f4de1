"""No sentence of the program is in pieces, which no translator could put into another order of words."""

import pytest
from pieces import PACKAGE, pieces, pieces_in

IN_PIECES = [
    ('said = "; press i for details"', "begins as a fragment"),
    ('said = "save something else: "', "ends as a fragment"),
    ('said = "w before: " + shown', "ends as a fragment, +"),
    ("said = f\"{name} is one of {', '.join(names)}\"", "list joined"),
    ("said = f\"The run {'ended' if over else 'ends'} there.\"", "condition inside"),
    ("said = f\"It has {counted(steps, 'step')}.\"", "English inside a place"),
    ('said = f"The run {ends(trial)}."', "text from a function in a place"),
    ("said = _(\"The run {how}.\").format(how='ended' if over else 'ends')", "condition inside"),
    ('said = f"{step.title}: {told}"', "punctuation between texts"),
    ('said = f"{title} ({id})"', "punctuation between texts"),
]
WHOLE = [
    'said = _("The run ends after {epochs}.").format(epochs=epochs)',
    'said = counted_as("{n} step", "{n} steps", steps)',
    'said = f"{short(value)}"',
    'said = _("allowed: {names}").format(names=either(names))',
    'name.replace("_", " ")',
    'said = f"{NAME}: {told}"',
    'said = f"{places[key]}: {told}"',
    'said = f"{type(failure).__name__}: {failure}"',
    "said = f'{short(value)}, {short(other)}'",
    '"""A docstring, of which nobody is told: """',
]


@pytest.mark.parametrize(("source", "why"), IN_PIECES)
def test_sentences_in_pieces_are_found(source, why):
    (found,) = pieces(source)
    assert set(why.split(", ")) <= set(found[2].split(", "))


@pytest.mark.parametrize("source", WHOLE)
def test_whole_ones_are_not(source):
    assert pieces(source) == []


def test_no_sentence_of_the_program_is_in_pieces():
    assert [*pieces_in(PACKAGE)] == []
