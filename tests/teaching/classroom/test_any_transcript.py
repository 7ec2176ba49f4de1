"""Whatever stands in a transcript, by whatever version or hand: its lesson goes on, and its report is made."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import example, given
from hypothesis import strategies as st
from lessons_taken import OF_SMALL, SMALL

from quadfit_tui.teaching.classroom.report import Report
from quadfit_tui.teaching.classroom.report_formats import csv_lines, own_page, records, report_table
from quadfit_tui.teaching.classroom.transcript_reader import Answers
from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.transcript import Transcript
from quadfit_tui.teaching.course.transcript_entry import Entry, Event
from quadfit_tui.teaching.notation.lesson import LETTERS

NOON = datetime(2026, 9, 21, 12, tzinfo=UTC)
FIELDS = {
    "version": [1, 2],
    "step": [*SMALL.by_id, "gone"],
    "answer": ["12", "x", "1e999", "1/0", "a" * 40],
    "choice": list(LETTERS),
    "got": ["right", "close", "wrong"],
    "text": ["words", "=1+1"],
    "hint": [1, 10**9],
}


def told(event, **values):
    return replace(Entry(Event(event), NOON, SMALL.id, 1, "0" * 16), **values)


ENTRIES = st.builds(
    lambda event, values: told(event, **values),
    st.sampled_from([*Event, *[Event.ANSWER] * 9]),
    st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in FIELDS.items()}),
)


@given(st.integers(0, len(SMALL.steps)), st.lists(ENTRIES, max_size=14), st.sampled_from(["12", "b", ""]))
@example(4, [told("answer", step="write", answer="12", got="right")], "")  # of what was a question once
def test_course_and_report_survive_any_transcript(skipped, entries, typed):
    transcript = Transcript(None)
    skips = [told("skip", step=step.id) for step in SMALL.steps[:skipped]]
    for entry in (told("begin"), *skips, *entries):
        transcript.write(entry)
    course = Course(SMALL, OF_SMALL, transcript)
    course.start()
    while course.step is not None:
        course.answer(typed)
        course.hint()
        course.skip()
        course.skip()
        assert course.confirm()
    assert course.progress.is_ended
    answers = Answers("anna", tuple(transcript.entries))
    report = Report([SMALL], [answers])
    assert report_table(report, with_words=True)
    assert len(csv_lines(report)) == len([*records(report)]) + 1
    assert own_page([SMALL], answers)
