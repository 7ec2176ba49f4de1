"""The commands of the dialogue: what each does to the run and the lessons, and what is said to what is none."""

from lessons_taken import PACKAGED, RIGHT, TEXT, Student, check_lines
from tables import table

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.teaching.notation.reading.notation import read_lesson


@table(
    ("line", "said"),
    [
        ("foo", "'foo' is no command; help lists them."),
        ("wher", "'wher' is no command (did you mean 'where'?); help lists them."),
        ("go x", "'x' is no count; an example is go 10."),
        ("step 0", "'0' is no count; an example is go 10."),
        ("hint 3", "Hint stands alone."),
        ("to 9", "'9' is too large; allowed: start, 0 to 2, or 0:1 to 2:4."),
        ("rate -1", "'minus 1' is too small; allowed: above 0, up to 1 million."),
        ("set lr", "lr needs a value, as in set lr 0.5."),
        ("set ephocs 3", "'ephocs' is no setting (did you mean 'epochs'?)"),
        ("set learning rate 3", "'learning rate' is no setting (did you mean 'lr'?)"),
        ("set momentum 0.5", "momentum makes no difference to this run."),
        ("set data nothing.csv", "'nothing.csv' cannot be read: No such file or directory; allowed: a CSV file."),
        ("set file nothing.csv", "'nothing.csv' cannot be read: No such file or directory; allowed: a CSV file."),
        ("answer 3", "No question is open."),
        ("lesson nine", "'nine' is not a lesson"),
        ("skip", "There is nothing to skip here."),
        ("\x1b[2J", "'\\x1b[2J' is no command; help lists them."),
        ("x" * 1000, f"'{'x' * 77}"),
    ],
)
def test_what_cannot_be_done_is_said(line, said):
    student = Student()
    heard = student.types(line)
    check_lines(line.removesuffix(".") for line in heard)
    assert said in heard[0] or " ".join(heard).startswith(said), heard
    assert len(student.events) == 2


def test_file_and_its_columns_are_set_at_once(tmp_path):
    file = tmp_path / "ball.csv"
    file.write_text("t,y,z\n1,2,9\n2,5,9\n3,9,9\n")
    student = Student()
    assert "two chosen by columns" in " ".join(student.types(f"set file {file}"))
    for line in (f"set file {file} columns t,y", f"set data {file}, columns y,t"):
        assert student.types(line)[0].startswith("A new run:")
    assert "columns y, t." in student.types("settings")
    assert student.types("set init minus 1, 2, minus 3")[0].startswith("A new run: init (minus 1, 2, minus 3) instead")


def test_commands_of_the_run():
    student = Student()
    student.types("restart")
    assert student.types("step") == ["Paused after 1 update.", *student.types("where")[1:]]
    assert student.types("step 5", "back 2")[0] == "Paused after 1 epoch."
    assert [student.types("e")[0], student.types("more")[0]] == [
        "Paused after 2 epochs.",
        "After 2 epochs less than a hundredth of the mean loss is left: 0.111.",
    ]
    assert student.types("to 0:2", "back 9")[0] == "Paused after 0 epochs."
    assert student.types("to 1:3")[0] == "Paused after 1 epoch and 3 updates."
    assert student.types("update")[0] == "Epoch 1, update 3 of 4."
    assert student.types("go")[0] == "Finished all 3 epochs."
    assert student.types("go") == student.types("step") == ["The run has ended; restart begins it again."]
    assert student.types("restart") == ["The run is at its start again."]
    assert student.types("where")[0].startswith("Start: ")
    assert student.types("l 0,25") == ["A new run: lr 0.25 instead of 0.5."]
    assert student.types("set x min -2") == ["A new run: x min minus 2 instead of minus 1."]
    assert student.types("set stop_on dataset") == ["A new run: stop on dataset instead of never."]
    assert "lr 0.25." in student.types("settings") == student.types("set")
    assert student.types("rate") == ["Learning rate 0.25."]
    listed = student.types("preset")
    assert [name for name in PRESETS if not any(line.startswith(f"{name}:") for line in listed)] == []
    diverges = "The run diverges: the learning rate is above its limit."
    heard = student.types("rate 100", "go")
    assert (len(heard), heard[-1]) == (3, "Type more to hear all of it.")
    assert student.types("more")[-2:] == [diverges, "The mean loss was lower at the start: 130."]
    student.types("back 1")
    assert diverges in student.types("more")
    check_lines(student.types("why"))
    assert student.types("again")[1] == "The run is set up: x min minus 1 instead of minus 2, lr 0.5 instead of 100,"


def test_the_list_and_a_way_between_lessons():
    student = Student(None)
    assert student.first[:3] == [
        "Welcome to the lessons of quadfit-tui.",
        f"There are {len(PACKAGED.lessons)} lessons.",
        "1, not begun: The learning rate: too small, right, too large.",
    ]
    assert student.types("go") == ["No lesson is open.", "Type a number, list, or quit."]
    assert student.types("nine")[0].startswith("'nine' is not a lesson")
    assert student.types("1")[0] == "Lesson: The learning rate: too small, right, too large."
    student.types("")
    assert "1, 1 of 9 steps done: The learning rate: too small, right, too large." in student.types("list")
    assert student.types("lesson update")[0].startswith("Lesson: ")
    assert [entry.aside for entry in student.transcript.of_lesson("rate")][-1] == "left"
    assert student.types("lesson 1")[1] == "You are back: 1 of 9 steps done."
    assert student.types("anew")[1].startswith("It has 9 steps")
    assert student.types("quit") == ["You left at step 1; come back at any time."]
    assert student.dialogue.is_over


def test_answer_beginning_like_a_command():
    for line in ("r = 12", "lr = twelve", "answer r = 12"):
        student = Student()
        assert "Right: it is 12." in student.types("", line)


def test_command_words_within_an_explanation():
    student = Student()
    for line in ("", "12", "", RIGHT, "", "go 2", ""):
        student.types(line)
    assert student.types("hint") == ["There is no hint for this step."]
    assert student.types("step 4")[0] == "Finished all 3 epochs."
    assert student.types("why the curve is so")[0] == "Thank you."
    assert student.types("answers")[-1] == "Write: why the curve is so."


def test_task_lists_commands_without_solution():
    to_work = ("", "12", "", RIGHT, "")
    told = " ".join(Student().types(*to_work))
    assert "Here you type step or go, or before that set, a name and a value;" in told
    assert "epochs and a value" not in told
    lesson = read_lesson(TEXT.replace(' solution="', ' only=epochs solution="'))
    told = " ".join(Student(lesson, known=frozenset({lesson.digest})).types(*to_work))
    assert "Here you type set epochs and a value, then go;" in told
