"""Explanations with sentences by lines."""

from lessons_taken import RIGHT, TEXT, Student, check_lines, right, wrong

from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.notation.reading.notation import read_lesson

LESSON = read_lesson(
    f"{TEXT}- [x] It goes against the slope.\n- [ ] It goes up.\n  Not up.\n- [ ] It goes by chance.\n  No chance.\n"
)


def test_a_sentence_then_a_letter():
    student = Student(LESSON, known=frozenset({LESSON.digest}))
    for line in ("", "12", "", RIGHT, "", "skip", "skip"):
        student.types(line)
    assert student.types("")[-1] == "Type a sentence or two."
    assert student.types("go down") == ["A sentence of four words or more, please."]
    heard = student.types("a step goes against the slope")
    check_lines(heard)
    assert heard[:2] == ["You wrote: a step goes against the slope.", "Which says what you mean?"]
    assert {line[3:] for line in heard[2:5]} == {"It goes against the slope.", "It goes up.", "It goes by chance."}
    assert [line[:3] for line in heard[2:5]] == ["A, ", "B, ", "C, "]
    assert heard[5:] == ["Type A, B or C."]
    facts = Facts(LESSON)
    step = LESSON.by_id["write"]
    assert student.types(wrong(LESSON, step, facts))[-1] == "Not up."
    assert student.types("again")[1:3] == heard[:2]
    assert student.types(f"answer {right(LESSON, step, facts)}") == ["Right.", "Press Enter to go on."]
    student.types("")
    told = student.types("previous")
    assert "You wrote: a step goes against the slope." in told
    assert f"You answered {right(LESSON, step, facts).upper()}, It goes against the slope." in told
    answers = student.types("answers")
    assert answers[-2:] == ["Write: a step goes against the slope.", "That is right."]
