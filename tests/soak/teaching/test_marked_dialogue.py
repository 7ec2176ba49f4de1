"""Every lesson by lines in a language that marks its texts: nothing that is heard is left in English, or cut."""

import pytest
from lessons_taken import Student, typed
from made_lessons import NAMES_IN_LESSONS, TEXTS, pseudo_lesson
from pseudo_locale import outside, pseudo_locale
from trials import drawn

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.teaching.course.transcript import Transcript
from quadfit_tui.teaching.dialogue.dialogue import Dialogue
from quadfit_tui.teaching.dialogue.run_dialogue import RunDialogue
from quadfit_tui.teaching.notation.catalog import Catalog

ASKED = [
    "help",
    "help run",
    "again",
    "where",
    "update",
    "settings",
    "why",
    "hint",
    "hint",
    "answers",
    "previous",
    "next",
    "list",
]
SAID = "Since it is so."  # by `typed`


@pytest.mark.parametrize("knows", [True, False])
@pytest.mark.parametrize("name", drawn([*TEXTS], 1))
def test_all_that_is_heard_was_looked_up(name, knows):
    with pseudo_locale():
        lesson, facts = pseudo_lesson(name)
        student = Student(lesson, Catalog((lesson,)), frozenset({lesson.digest}))
        heard = [("", " ".join(student.first))]
        for line in typed(lesson, facts, knows=knows):
            if not line:
                for asked in ASKED:
                    heard.append((asked, " ".join(student.types(asked))))
            heard.append((line, " ".join(student.types(line))))
    assert {(word, line) for line, text in heard for word in outside(text, NAMES_IN_LESSONS | {*SAID.split()})} == set()
    assert len(heard) > len(lesson.steps) * len(ASKED)


def test_a_run_by_lines():
    lines = [
        *(
            "",
            "help",
            "list",
            "where",
            "go 3",
            "where",
            "update",
            "settings",
            "why",
            "rate 1.6",
            "go",
            "back 2",
            "to 1",
        ),
        *(
            "to 9999",
            "preset article",
            "set batch 16",
            "set colour 3",
            "step",
            "restart",
            "foo",
            "hint",
            "join",
            "quit",
        ),
    ]
    catalog, session = Catalog.packaged(), RunSession(PRESETS["playground"], speed=None)
    said = []
    with pseudo_locale():
        dialogue = Dialogue(catalog, Transcript(None), scene=RunDialogue(session))
        said += dialogue.begin()
        for line in lines:
            said += dialogue.handle_line(line)
    for lesson in catalog.lessons:
        said = [line.replace(lesson.title, "") for line in said]
    names = {"colour", "foo", "start", "loss", "epoch", *(lesson.id for lesson in catalog.lessons)}
    assert {(word, line) for line in said for word in outside(line, names)} == set()
