"""`lessons new` and `lessons facts`: what they write, where, and their exit codes."""

import os

import pytest
from command_line import one_line

from quadfit_tui.core.files import access
from quadfit_tui.teaching.judging.facts import Facts, format_value
from quadfit_tui.teaching.notation.catalog import read_file
from quadfit_tui.teaching.notation.places import LINK_TARGETS
from quadfit_tui.teaching.notation.vocabulary import FUNCTIONS, MOMENT_FACTS, RUN_FACTS


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    for name in [name for name in os.environ if name.startswith("TEXTUAL")]:
        monkeypatch.setenv(name, os.environ[name])  # --confined drops these
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    access.configure()


def test_new_lesson_passes_check(call, own_folder):
    code, out, err = call("lessons", "new", "our-ball")
    assert (code, err) == (0, "")
    first, after = out.splitlines()
    assert first == "our-ball.md: 9 steps, 29 facts, all true"
    assert after.startswith("Change it, check it (quadfit-tui lessons check our-ball.md)")
    assert call("lessons", "check", "our-ball.md") == (0, f"{first}\n", "")
    assert [path.name for path in own_folder.iterdir()] == ["our-ball.md"]


def test_new_lesson_embeds_csv_samples(call, own_folder):
    (own_folder / "ball.csv").write_text("time;höhe;note\n0,1;1,5;3\n0,2;2,25;4\n\n0,4;3;\n", encoding="latin-1")
    code, _, err = call("lessons", "new", "ball", "--data", "ball.csv")
    assert code == 2
    assert "ball.csv line 1 has 3 columns (time, höhe, note); allowed: two" in one_line(err)
    code, _, err = call("lessons", "new", "ball", "--data", "ball.csv", "--columns", "time,höhe", "-o", "films.md")
    assert (code, err) == (0, "")
    assert 'csv = """\ntime,höhe\n0.1,1.5\n0.2,2.25\n0.4,3\n"""' in (own_folder / "films.md").read_text("utf-8")
    (own_folder / "throw.csv").write_text("t (s);h (m)\n0,1;1,5\n0,2;2,25\n0,4;3\n", encoding="utf-8")
    assert "\nt (s),h (m)\n0.1,1.5\n" in call("lessons", "new", "throw", "--data", "throw.csv", "-o", "-")[1]
    code, out, _ = call("lessons", "new", "ball", "--data", "example:galileo", "--output", "-")
    assert code == 0
    assert "\ntime,distance\n1,33\n2,130\n" in out
    assert not (own_folder / "ball.md").exists()


@pytest.mark.parametrize("headings", ["1e5,2", 'a"b,c', "a\\b,c", "a\x85b,c", '"a\nb",c', "=cmd(),c", "''',c"])
def test_unsafe_headings_become_x_and_y(call, own_folder, headings):
    (own_folder / "own.csv").write_bytes(f"{headings}\n1,2\n2,5\n3,9\n".encode())
    code, out, err = call("lessons", "new", "own", "--data", "own.csv", "-o", "-")
    assert (code, err) == (0, "")
    assert 'csv = """\nx,y\n' in out


def test_overwrite_requires_force(call, own_folder):
    (own_folder / "ball.md").write_text("mine")
    code, out, err = call("lessons", "new", "ball")
    assert (code, out) == (2, "")
    assert "'ball.md' cannot be written: it already has content; allowed: another file, or --force" in one_line(err)
    assert (own_folder / "ball.md").read_text() == "mine"
    (own_folder / "ball.csv").write_text("1,2\n2,5\n")
    code, _, err = call("lessons", "new", "ball", "--data", "ball.csv", "-o", "ball.csv", "--force")
    assert code == 2
    assert "is an input of this run" in one_line(err)
    assert call("lessons", "new", "ball", "--force")[0] == 0
    assert (own_folder / "ball.md").read_text().startswith("+++\n# A lesson has two parts")


def test_invalid_arguments_refused(call, own_folder):
    (own_folder / "many.csv").write_text("".join(f"{at},{at * at}\n" for at in range(20_000)))
    for args, said in (
        (["Our Ball"], "NAME: 'Our Ball' is no id of a lesson (did you mean 'our-ball'?); allowed: a-z, 0-9 and -"),
        (["ball", "--data", "none.csv"], "none.csv cannot be read: No such file or directory; allowed: a CSV file"),
        (["ball", "--data", "many.csv"], "many.csv has 20000 samples; allowed in a lesson: about "),
        (["ball", "--columns", "a,b"], "--columns has no effect without --data"),
        (["ball", "--confined", "--data", "/etc/passwd"], "outside your home directory"),
        (["ball", "-o", "none/ball.md"], "its folder does not exist"),
    ):
        code, out, err = call("lessons", "new", *args)
        assert (code, out) == (2, "")
        assert said in one_line(err)
        access.configure()
    assert [path.name for path in own_folder.iterdir()] == ["many.csv"]


def test_unfit_samples_reported(call, own_folder):
    (own_folder / "flat.csv").write_text("1,0\n2,0\n3,0\n")
    code, out, err = call("lessons", "new", "flat", "--data", "flat.csv")
    assert (code, out) == (4, "")
    assert all(line.startswith("flat.md:") for line in err.splitlines())
    assert (own_folder / "flat.md").exists()


def test_facts_lists_all_names(call):
    code, out, err = call("lessons", "facts")
    assert (code, err) == (0, "")
    assert max(map(len, out.splitlines())) <= 78
    named = {line.split()[0] for line in out.splitlines() if line[:3].strip() and line.startswith("  ")}
    examples = {row.example.split()[0] for row in FUNCTIONS.values()}
    assert {*RUN_FACTS, *MOMENT_FACTS, *LINK_TARGETS, *examples} <= named
    assert all(about for about in (*RUN_FACTS.values(), *MOMENT_FACTS.values()))


def test_facts_of_a_lessons_runs(call):
    assert call("lessons", "new", "ball")[0] == 0
    code, out, err = call("lessons", "facts", "ball.md")
    assert (code, err) == (0, "")
    told = dict(line.split() for line in out.splitlines() if line)
    facts = Facts(read_file("ball.md"))
    assert {name.partition(".")[0] for name in told} == {"ours", "fast", "other", "half", "slow", "first"}
    assert told["fast.status"] == "diverged"
    assert {name: format_value(facts.value(name), name) for name in told} == told
    assert "fast.mean_loss" not in told  # which is infinite
    assert "'ball' is not a lesson" in one_line(call("lessons", "facts", "ball")[2])


def test_facts_of_overlong_runs_refused(call, own_folder):
    assert call("lessons", "new", "ball", "-o", "-")[0] == 0
    text = call("lessons", "new", "ball", "-o", "-")[1].replace("[runs.slow]", "[runs.slow]\nepochs = 999999999")
    (own_folder / "ball.md").write_text(text)
    code, out, err = call("lessons", "facts", "ball.md")
    assert (code, out) == (4, "")
    assert "ball.md: its runs have more than 1e+09 samples times epochs together; slow has " in one_line(err)
