"""`lessons list` and `lessons check`: what they write, where, and their exit codes."""

import os
import re
import tomllib

import pytest
from command_line import ROOT, one_line

from quadfit_tui.core.files import access
from quadfit_tui.teaching.notation.catalog import Catalog

LESSON = """+++
format = 1
id = "own"
title = "My own"
aim = "See that it works."
minutes = 5
summary = ["A run has epochs.", "It has [300](=all.epochs) of them."]
[data.mine]
csv = "1,2\\n2,4\\n3,9"
[runs.all]
data = "lesson:mine"
[runs.few]
from = "all"
epochs = 30
+++

## Read {#read .say run=all}
There are [300](=all.epochs) epochs at lr [0.05](=all.lr).

## Fewer {#fewer .predict run=few transfer=yes}
Now there are 30. Is the mean loss larger?
- [x] yes `few.mean_loss > all.mean_loss`
  It had less time.
- [ ] no `few.mean_loss <= all.mean_loss`
  It had less time.
- hint: Did it have more time?
- note: Ask for hands.

## Do {#do .do run=few only=epochs until="now.epochs > 99 and now.epochs < 200" solution="epochs:100"}
Train more than `99` epochs.
- [x] enough
  It had more time.
"""


@pytest.fixture(autouse=True)
def unconfined(monkeypatch):
    for name in [name for name in os.environ if name.startswith("TEXTUAL")]:
        monkeypatch.setenv(name, os.environ[name])  # --confined drops these
    yield
    access.configure()


@pytest.fixture
def lesson(tmp_path):
    """A teacher's lesson in a file."""
    file = tmp_path / "01-own.md"
    file.write_text(LESSON, encoding="utf-8")
    return file


def test_list_of_packaged_lessons(call):
    code, out, err = call("lessons", "list")
    assert (code, err) == (0, "")
    assert " 1  rate      The learning rate: too small, right, too large (12 minutes)" in out.splitlines()
    assert max(map(len, out.splitlines())) <= 78
    assert call("lessons") == (code, out, err)


def test_the_list_of_a_folder(call, lesson):
    code, out, err = call("lessons", "list", "--lessons", lesson.parent)
    assert (code, err) == (0, "")
    assert out.splitlines() == [" 1  own  My own (5 minutes)", "         See that it works."]
    (lesson.parent / "02-bad.md").write_text("no lesson")
    code, out, err = call("lessons", "list", "--lessons", lesson.parent)
    assert code == 2
    assert "My own" in out
    said = one_line(err)
    assert said.startswith("quadfit-tui: 02-bad.md:1: has no front matter; allowed: TOML between two lines +++")


def test_missing_folder_refused(call, tmp_path):
    code, _, err = call("lessons", "list", "--lessons", tmp_path / "missing")
    assert code == 2
    assert "'--lessons'" in one_line(err)
    assert "No such file or directory; allowed: a folder of lessons" in err


def test_a_true_lesson_passes(call, lesson):
    assert call("lessons", "check", lesson) == (0, f"{lesson}: 3 steps, 6 facts, all true\n", "")


def test_false_fact_reported_with_line(call, lesson):
    lesson.write_text(LESSON.replace("are [300]", "are [84]"))
    code, out, err = call("lessons", "check", lesson)
    assert (code, out) == (4, "")
    assert err == f"{lesson}:18: all.epochs is 300; the lesson says 84\n"


def test_lucky_answer_reported_with_seeds(call, lesson):
    lesson.write_text(
        LESSON.replace(
            "+++\n\n",
            "[runs.flat]\ntrue = [0, 0, 0]\nsamples = 5\nnoise = 1\nepochs = 1\nseed = 4\n+++\n\n"
            "## Down? {#down .observe run=flat}\nWhich way?\n"
            "- [x] d `flat.best_a < 0`\n  Yes.\n- [ ] u `flat.best_a > 0`\n  No.\n- hint: h\n- note: n\n\n",
        )
    )
    code, out, err = call("lessons", "check", lesson)
    assert (code, out) == (4, "")
    right, wrong = err.splitlines()
    assert right.startswith(f"{lesson}:25: flat.best_a < 0 is false with ")
    assert wrong.startswith(f"{lesson}:27: flat.best_a > 0 is true with ")
    assert right.endswith("); it holds by luck")
    # Of five samples whose y is noise alone, about half of the best parabolas open downwards.
    assert 3 < int(right.partition(" with ")[2].partition(" of 20 seeds (")[0]) < 17


def test_parse_errors_outrank_false_facts(call, lesson, tmp_path):
    false = tmp_path / "02-false.md"
    false.write_text(LESSON.replace("are [300]", "are [84]"))
    lesson.write_text(
        LESSON.replace("all.lr", "all.lrs").replace("few.mean", "fex.mean").replace("epochs = 30", "x = 1")
    )
    code, out, err = call("lessons", "check", lesson, false, tmp_path / "03-missing.md")
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        f"quadfit-tui: {lesson}:14: has an unknown parameter 'x' (did you mean 'x_min'?)",
        f"quadfit-tui: {lesson}:18: names no fact of a run: 'lrs' (did you mean 'lr'?); "
        "'quadfit-tui lessons facts' lists all",
        f"quadfit-tui: {lesson}:22: names no run of the lesson: 'fex' (did you mean 'few'?)",
        f"quadfit-tui: {lesson}:24: names no run of the lesson: 'fex' (did you mean 'few'?)",
        f"{false}:18: all.epochs is 300; the lesson says 84",
        f"quadfit-tui: {tmp_path}/03-missing.md cannot be read: No such file or directory; allowed: a lesson file",
    ]


def test_a_warning_is_no_fault(call, lesson):
    lesson.write_text(LESSON.replace("epochs.\n- [x] enough", "epochs.\nAnd <b>more</b>.\n- [x] enough"))
    code, out, err = call("lessons", "check", lesson)
    assert code == 0
    assert "all true" in out
    assert err == f"{lesson}:31: warning: tables and HTML are shown as they are written; write sentences\n"


def test_a_translation_is_compared_with_its_original(call, lesson, tmp_path):
    translation = tmp_path / "02-eigen.md"
    translation.write_text(LESSON.replace("There are", "Es sind").replace("[0.05]", "[0,05]"))
    code, _, err = call("lessons", "check", "--against", lesson, translation)
    assert (code, err) == (0, "")
    translation.write_text(LESSON.replace("=all.lr", "=all.last_lr"))
    code, _, err = call("lessons", "check", "--against", lesson, translation)
    assert code == 4
    assert err == f"{translation}:17: the stated numbers or the hints differ from line 17 of 01-own.md\n"
    code, _, err = call("lessons", "check", "--against", tmp_path / "none.md", translation)
    assert code == 2
    assert "none.md cannot be read" in one_line(err)
    assert "name one file" in call("lessons", "check", "--against", lesson)[2]


def test_confined_check_stays_in_home(call, lesson):
    code, _, err = call("lessons", "check", "--confined", lesson)
    assert code == 2
    assert "outside your home directory" in one_line(err)


def test_text_that_does_not_print_is_escaped(call, tmp_path):
    code, _, err = call("lessons", "check", str(tmp_path / "\x1b[2J.md"))
    assert code == 2
    assert "\x1b" not in err


def test_check_defaults_to_packaged_lessons(call, monkeypatch):
    first, _, third, *_ = Catalog.packaged().lessons
    monkeypatch.setattr(Catalog, "packaged", lambda _: Catalog((first, third)))  # which are all true: teaching/judging
    code, out, _ = call("lessons", "check")
    assert code == 0
    assert [line.partition(":")[0] for line in out.splitlines()] == [first.file_name, third.file_name]


def test_wrong_commands_and_options(call):
    said = call("--lr", "1", "lessons", "list")[2]
    assert re.search(r"--lr only applies to the app.* 'run'.*, not to", said), said
    assert "--teacher belongs to 'lessons play'; write it after" in call("lessons", "--teacher", "list")[2]
    code, out, _ = call("lessons", "check", "--help")
    assert code == 0
    assert "4    a lesson is not true" in out


def test_wheel_includes_lessons():
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert pyproject["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == ["quadfit_tui"]
    assert "/quadfit_tui" in pyproject["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()  # which the build heeds
    assert not {"*.md", "lessons/", "quadfit_tui/teaching/lessons/"} & {*ignored}
