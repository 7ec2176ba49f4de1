"""In a language that marks its texts nothing that the pane of a lesson says of its own is left in English."""

import pytest
from lesson_helpers import small
from made_lessons import TEXTS
from pseudo_locale import columns, outside, pseudo, pseudo_locale
from trials import rounds

from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.script import StepParagraph
from quadfit_tui.teaching.course.standing import Phase
from quadfit_tui.teaching.course.transcript import Transcript
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.ui.lesson_list import answers_page, lesson_rows, progress_text
from quadfit_tui.teaching.ui.pane.lesson_page import text_lines
from quadfit_tui.teaching.ui.pane.lesson_text import StepText

KEYS = {"Enter", "Backspace", "Esc"}


def own(lesson):
    """The words that are the lesson's, or what was typed."""
    steps = lesson.steps
    texts = [lesson.title, *(step.title for step in steps), *(answer.text for step in steps for answer in step.answers)]
    return {word.strip(".,:;?!") for text in (*texts, "because it does") for word in str(text).split()}


def test_pages_of_a_lesson():
    lesson = small()
    with pseudo_locale():
        course = Course(lesson, Facts(lesson), Transcript(None))
        course.start()
        text = StepText(course)
        pages = []
        while course.phase is not Phase.ENDED:
            text.begin()
            pages.append(text.page())
            if course.phase is Phase.ASKED:
                course.answer("because it does" if course.step.id == "words" else "1")
            while course.phase in (Phase.ASKED, Phase.DOING):
                course.skip()
            if course.feedback:
                text.conclude()
                pages.append(text.page())
            course.confirm()
        text.begin()
        pages.append(text.page())
        page = answers_page(course, course.own_answers(), str, is_ascii=True)
        rows = [progress_text(course.progress), *lesson_rows([course.progress]), page._heading]
    told = [each for page in pages for each in (*page.place, *page.record, page.field_label, page.typing, page.prompt)]
    assert [word for each in (*told, *rows) for word in outside(each, own(lesson) | KEYS)] == []
    assert len(pages) > len(lesson.steps)


@pytest.mark.parametrize("width", rounds([29, 78, 59, 99]))
def test_no_word_of_a_lesson_is_lost(width):
    for name, text in TEXTS.items():
        said = tuple(StepParagraph(pseudo(part), letter=letter) for part in text.split("\n\n") for letter in "a ")
        lines = text_lines(said, width, 24)
        assert max(columns(line.text) for line in lines) <= width, name
        told = [each.letter.strip().upper() + each.text for each in said]
        assert "".join("".join(line.text for line in lines).split()) == "".join("".join(told).split()), name
