"""Every lesson by lines in a language that marks its texts: nothing that is heard is left in English, or cut."""

import pytest
from lessons_taken import Student, typed
from made_lessons import NAMES_IN_LESSONS, TEXTS, pseudo_lesson
from pseudo_locale import outside, pseudo_locale
from trials import rounds

from quadfit_tui.teaching.notation.catalog import Catalog

ASKED = ["help", "again", "where", "update", "settings", "why", "hint", "hint", "answers", "previous", "next", "list"]
SAID = "Since it is so."  # by `typed`


@pytest.mark.parametrize("knows", [True, False])
@pytest.mark.parametrize("name", rounds([*TEXTS]))
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
