"""What a lesson file can be written with, and what a report has, is kept as the manual's page *promises* says."""

from promised import promised

from quadfit_tui.teaching.classroom.report_formats import COLUMNS
from quadfit_tui.teaching.notation.lesson import BOUNDS, StepKind, WithheldFact
from quadfit_tui.teaching.notation.places import LINK_TARGETS
from quadfit_tui.teaching.notation.reading.front_matter import KEYS
from quadfit_tui.teaching.notation.reading.notation import ATTRIBUTES
from quadfit_tui.teaching.notation.vocabulary import FUNCTIONS, MOMENT_FACTS, RUN_FACTS


def test_lessons_keep_their_notation():
    present = {
        "front matter": KEYS,
        "hold": WithheldFact,
        **{kind.value: ATTRIBUTES[kind] for kind in StepKind},
        "tol": ["exact", *BOUNDS],
        "facts of runs": RUN_FACTS,
        "facts of moments": MOMENT_FACTS,
        "functions": FUNCTIONS,
        "places": LINK_TARGETS,
    }
    assert {name: {*map(str, words)} for name, words in present.items()} == promised("lessons")


def test_reports_keep_their_columns():
    assert {*COLUMNS} == promised("columns")["report"]
