"""`quadfit-tui lessons report`: exit codes, refusals, formats; what courses write is what it reads."""

import csv
import io
import json
import os

import pytest
from accounts import name_users
from both_languages import CODES, speaking
from command_line import one_line
from lessons_taken import OF_SMALL, SMALL, TEXT, take_step
from tables import table

from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.standing import Phase
from quadfit_tui.teaching.course.transcript import FILE_NAME, PRIVATE_NAME, Transcript, TranscriptLocation
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.notation.catalog import Catalog
from quadfit_tui.teaching.notation.reading.notation import read_lesson


@pytest.fixture
def reader(monkeypatch, tmp_path):  # noqa: ARG001  which asks for the user's number, too
    """Whoever runs the tests is the students; the reader is somebody else, and not root."""
    monkeypatch.setattr(os, "getuid", lambda: 54321)
    monkeypatch.setattr(os, "geteuid", lambda: 54321)


def taken(folder, lesson, facts, knows=True, steps=99):
    """The transcript of a student who takes a lesson, in a folder."""
    folder.mkdir(exist_ok=True)
    course = Course(lesson, facts, Transcript(TranscriptLocation(str(folder / FILE_NAME), 0o640)))
    course.start()
    while course.phase is not Phase.ENDED and (steps := steps - 1) >= 0:
        take_step(course, knows=knows)
        course.confirm()
    return folder


@pytest.fixture
def school(tmp_path):
    """A folder of lessons, and students: one who knows, one who does not and stops, one who has not begun."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "01-small.md").write_text(TEXT)
    taken(tmp_path / "anna", SMALL, OF_SMALL)
    taken(tmp_path / "ben", SMALL, OF_SMALL, knows=False, steps=3)
    (tmp_path / "carla").mkdir()
    return tmp_path


@pytest.mark.usefixtures("reader")
def test_report_names_a_false_lesson(school, call):
    (school / "own" / "01-small.md").write_text(TEXT.replace("answer=12", "answer=13"))
    for style in ("table", "csv"):
        code, out, err = call("lessons", "report", "-f", style, "--lessons", school / "own", school / "anna")
        assert (code, "guess" in out) == (4, True)
        assert one_line(err) == (
            "quadfit-tui: a lesson states what is not true, of which 'quadfit-tui lessons check FILE' tells all: "
            "01-small.md:16: one.updates is 12; the lesson says 13"
        )


@pytest.mark.usefixtures("reader")
def test_class_report_names_left_out(school, call, monkeypatch):
    name_users(monkeypatch, lambda _: "somebody")
    students = [school / name for name in ("anna", "ben", "carla")]
    code, out, err = call("lessons", "report", "--lessons", school / "own", *students)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert [line[: line.index("20")].split() for line in lines[1:3]] == [
        ["somebody", "small", "5/5", "1/1", "1/1", "0", "0"],
        ["somebody", "small", "3/5", "0/1", "0/1", "0", "0"],
    ]
    assert lines[4:] == [
        "small: 2 of 3 have begun; not yet: somebody",
        "small: what was answered first, worst first",
        "   50 % of 2  guess  predict  1× 3",
        "   50 % of 2  look   observe  1× below zero",
    ]
    (school / "dora").mkdir()
    (school / "dora" / FILE_NAME).symlink_to("/etc/passwd")
    code, again, err = call("lessons", "report", "--lessons", school / "own", *students, school / "dora")
    assert (code, again) == (5, out)
    assert one_line(err) == f"quadfit-tui: left out: {school}/dora: it is no regular file"


@pytest.mark.usefixtures("reader")
def test_formats_words_and_days(school, call):
    given = ("lessons", "report", "--lessons", school / "own", school / "anna")
    rows = list(csv.DictReader(io.StringIO(call(*given, "--format", "csv")[1])))
    assert [row["step"] for row in rows] == ["read", "guess", "look", "work", "write"]
    assert call(*given, "--words")[1].splitlines()[-1].endswith(": Since it is so.")
    nobody = call(*given, "--since", "2999-01-01")[:2]
    told = "Only what was done since 2999-01-01, UTC.\n\n"
    assert nobody == (0, f"{told}have done nothing then: {rows[0]['student']}\n")
    only = call(*given, "--since", "2999-01-01", "--lesson", "small")[1]
    assert only == f"{told}small: 0 of 1 have worked on it then; the others: {rows[0]['student']}\n"
    assert call(*given, "--lesson", "rate")[1].startswith("rate: 0 of 1 have begun")
    assert (
        call("lessons", "report", school / "anna")[1]
        .splitlines()[1]
        .endswith("lines of lessons that are not here (see --lessons)")
    )


@pytest.mark.usefixtures("reader")
@table("style", ["table", "csv"])
def test_false_lesson_reported(school, call, style):
    (school / "own" / "01-small.md").write_text(TEXT.replace("`one.updates`", "`one.updates / 0`"))
    code, out, err = call("lessons", "report", "--lessons", school / "own", school / "anna", "-f", style)
    assert (code, out) == (4, "")
    assert "a lesson states what is not true" in one_line(err)
    assert "divides by zero" in one_line(err)


@pytest.mark.usefixtures("reader")
def test_until_day_is_inclusive_moment_exclusive(school, call):
    given = ("lessons", "report", "--lessons", school / "own", school / "anna", "-f", "csv")
    written = [json.loads(line) for line in (school / "anna" / FILE_NAME).read_text().splitlines()]
    times = {each["step"]: each["t"] for each in written if each["event"] in ("answer", "said")}

    def answered(*more):
        rows = csv.DictReader(io.StringIO(call(*given, *more)[1]))
        return {row["step"]: row["answered_utc"] for row in rows if row["answered_utc"]}

    assert {step: f"{time.replace(' ', 'T')}+00:00" for step, time in answered().items()} == times
    first = min(times.values())
    assert answered("--until", first[:10]) == answered("--since", first) == answered()
    assert answered("--until", first) == {}
    later = first[:19] + "-01:00"
    assert (answered("--until", later), answered("--since", later)) == (answered(), {})
    told = call(*given[:-2], "--since", "2026-09-21T08:30", "--until", "2026-09-21")[1]
    assert told.startswith("Only what was done since 2026-09-21 08:30 and before 2026-09-22, UTC.\n\n")
    assert call(*given[:-2], "--until", "2026-09-21")[1].startswith("Only what was done before 2026-09-22, UTC.\n")
    told = call(*given[:-2], "--until", "2026-09-21T08:30:10")[1]
    assert told.startswith("Only what was done before 2026-09-21 08:30:10, UTC.\n")


@pytest.mark.usefixtures("reader")
def test_names_of_a_spreadsheet_stand_for_accounts(school, call, monkeypatch):
    name_users(monkeypatch, lambda _: "account")
    table = school / "class.csv"
    table.write_bytes("\ufeffAccount;Class;Name\r\nAccount;7b;Jürgen Ößler\r\nother;7b;=1+1\r\n".encode())
    given = ("lessons", "report", "--lessons", school / "own", school / "anna", school / "carla", "--names", table)
    code, out, err = call(*given, "--words")
    assert (code, err) == (0, "")
    assert out.splitlines()[1].split()[:4] == ["Jürgen", "Ößler", "small", "5/5"]
    assert "small: 1 of 2 have begun; not yet: Jürgen Ößler" in out
    assert "  Jürgen Ößler: Since it is so." in out
    rows = list(csv.DictReader(io.StringIO(call(*given, "-f", "csv")[1])))
    assert {(row["student"], row["name"]) for row in rows} == {("account", "Jürgen Ößler")}
    table.write_text("account,name\nsomebody,Anna\n")
    assert call(*given)[1].splitlines()[1].startswith("account  small ")
    table.write_text("account,name\nanna,Anna\nanna,Ben\n")
    code, out, err = call(*given)
    assert (code, out) == (2, "")
    assert f"'{table}' line 3: 'anna' has a name in line 2 already; allowed: one" in one_line(err)
    code, out, err = call(*given[:-1], school / "none.csv")
    assert (code, out) == (2, "")
    assert f"'{school}/none.csv' cannot be read: No such file or directory; allowed: a CSV file" in one_line(err)


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--lesson", "rats", "x"], "there is no lesson 'rats' (did you mean 'rate'?); allowed: one of rate, update, "),
        (["--since", "yesterday", "x"], "'--since': 'yesterday' is not a date; allowed: a day such as 2026-09-21"),
        (
            ["--until", "24:00", "x"],
            "'--until': '24:00' is not a date; allowed: a day such as 2026-09-21, or a time such as",
        ),
        (
            ["--since", "2026-09-22", "--until", "2026-09-21", "x"],
            "'2026-09-21' is not after --since; allowed: a later",
        ),
        (["--words", "-f", "csv", "x"], "has no effect with --format csv, which has the explanations"),
        (["--format", "jsonl", "x"], "'jsonl' is not one of the choices; allowed: one of table, csv"),
        ([], "PATH"),
    ],
)
def test_invalid_options_refused(call, args, said):
    code, out, err = call("lessons", "report", *args)
    assert (code, out) == (2, "")
    assert said in one_line(err)


@pytest.mark.usefixtures("reader")
def test_nothing_readable_is_bad_input(call, tmp_path):
    code, out, err = call("lessons", "report", tmp_path / "nobody")
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        f"quadfit-tui: left out: {tmp_path}/nobody: No such file or directory",
        "quadfit-tui: nothing could be read",
    ]


def test_root_refused_without_as_root(school, call, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    given = ("lessons", "report", "--lessons", school / "own", school / "anna")
    code, out, err = call(*given)
    assert (code, out) == (2, "")
    assert "lessons report is refused to root: it reads files of students" in one_line(err)
    assert one_line(err).endswith("allowed: the account of a teacher, or --as-root")
    assert call(*given, "--as-root")[0] == 0


def test_a_student_sees_the_own_answers(school, call, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    code, out, err = call("lessons", "report", "--lessons", school / "own", school / "ben")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "A small lesson (small): 3 of 5 steps done",
        "  Guess: you answered 3; the answer is 12",
        f"  Look: you answered {shown('below zero')}, then {shown('above zero')}, which is right",
    ]


def test_own_folder_without_transcript(school, call, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    given = ("lessons", "report", "--lessons", school / "own")
    code, out, err = call(*given, school / "carla")
    assert (code, out) == (2, "")
    assert f"left out: {school}/carla: there is no transcript in it; the first lesson begins one" in err
    code, out, err = call(*given, school / "carla" / FILE_NAME)
    assert (code, out) == (2, "")
    assert f"left out: {school}/carla/{FILE_NAME}: No such file or directory" in err
    os.rename(school / "ben" / FILE_NAME, school / "ben" / PRIVATE_NAME)  # as in the data folder
    assert call(*given, school / "ben")[1].startswith("A small lesson (small): 3 of 5 steps done")
    told = "Only what was done since 2999-01-01, UTC.\nnothing was done then\n"
    assert call(*given, school / "ben", "--since", "2999-01-01")[1] == told


def test_several_own_files_refused(school, call, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    code, out, err = call("lessons", "report", school / "anna", school / "ben")
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        *(f"quadfit-tui: left out: {school}/{name}: it is your own, which counts only as the only PATH"
          for name in ("anna", "ben")),
        "quadfit-tui: nothing could be read",
    ]  # fmt: skip


@pytest.mark.usefixtures("reader")
def test_folder_lesson_overrides_packaged_id(school, call):
    other = TEXT.replace('id = "small"', 'id = "rate"')
    (school / "own" / "02-rate.md").write_text(other)
    taken(school / "dora", read_lesson(other), OF_SMALL, steps=2)
    lines = call("lessons", "report", "--lessons", school / "own", school / "dora", school / "anna")[1].splitlines()
    assert sorted(line.split()[1:3] for line in lines[1:3]) == [["rate", "2/5"], ["small", "5/5"]]


def shown(text):
    return f"{'ABC'[[answer.text for answer in SMALL.choices(SMALL.by_id['look'])].index(text)]} {text}"


@pytest.mark.usefixtures("reader")
def test_ascii_locale_output(school, call, monkeypatch):
    monkeypatch.setattr("quadfit_tui.cli.output.printing.knows_unicode", lambda _: False)
    out = call("lessons", "report", "--lessons", school / "own", school / "ben", "--words")[1]
    assert out.isascii()
    assert "1x below zero" in out


def test_refused_without_file_owners(call, monkeypatch):
    monkeypatch.delattr(os, "getuid")
    code, out, err = call("lessons", "report", "x")
    assert (code, out) == (2, "")
    assert "lessons report needs to know who owns each file, and only Linux and macOS tell that" in one_line(err)


@pytest.mark.usefixtures("reader")
def test_csv_independent_of_language(tmp_path, call, monkeypatch):
    monkeypatch.setenv("LANGUAGE", "")  # which the program sets
    lesson = Catalog.packaged("zh_CN").find("rate")
    students = taken(tmp_path / "anna", lesson, Facts(lesson), steps=5)
    told = []
    for code in CODES:
        with speaking(code):
            told.append(call("lessons", "report", "--format", "csv", "--lang", code, students))
    assert told[0] == told[1]
    assert "more epochs" in told[0][1]
