"""What teachers get wrong is told with its line and what may be meant, all of it at once."""

import pytest
from lesson_warnings import warnings
from tables import table

from quadfit_tui.teaching.judging.check import check
from quadfit_tui.teaching.judging.slips import slips
from quadfit_tui.teaching.notation.catalog import LessonError, read_content

GOOD = """+++
format = 1
id = "braking"
title = "Braking distance"
minutes = 15
aim = "See how the braking distance grows with the speed."
summary = ["Twice the speed takes four times the way.", "A rate that is too high diverges."]

[data.car]
csv = \"\"\"
kmh,meters
30,6.4
50,17.8
80,45.6
120,102.6
\"\"\"

[runs.raw]
preset = "article"
data = "lesson:car"
batch = "full"

[runs.ours]
data = "lesson:car"
epochs = 1000
+++

## The car {#car .say run=ours}
A car brakes at [0.05](=ours.lr), the rate.

## Twice as fast {#double .observe run=ours tol=rel:0.05 answer=0.0071}
What is a?
- [x] read off `ours.a`
  The way grows with the square of the speed.
- [ ] the other sign `-ours.a`
  The way grows.
- hint: It goes with the square.
- note: Ask for hands.

## The raw data {#raw .predict run=raw transfer=yes}
What does a run without scaled features do?
- [x] it diverges `raw.status == "diverged"`
  Above [?](=raw.limit) it does.
- [ ] it arrives `raw.status == "converged"`
  It is above [?](=raw.limit).
- hint: Could a rate be too high?
- note: Ask for hands.

## Slower {#slow .do run=ours until="now.epochs < 900 and now.epochs > 0" solution="epochs:100"}
Train fewer than `900` epochs.

## Why? {#why .explain}
Why is it so?
- model: It goes with the square.
"""
CSV = 'csv = """\nkmh,meters\n30,6.4\n50,17.8\n80,45.6\n120,102.6\n"""'
A_NUMBER = GOOD[GOOD.index("- [x] read off") : GOOD.index("- hint: It goes")]
ARRIVES = GOOD[GOOD.index("- [ ] it arrives") : GOOD.index("- hint: Could")]


def told(content):
    """What is said to a file, each with its line: what cannot be read, or else what is false, and warnings."""
    try:
        lesson = read_content(content if isinstance(content, bytes) else content.encode(), "our.md")
    except LessonError as refused:
        return [line.removeprefix("our.md:") for line in refused.lines]
    faults = [f"{fault.line}: {fault.text}" for fault in check(lesson)]
    return faults + [f"{fault.line}: warning: {fault.text}" for fault in slips(lesson)]


def changed(old, new):
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)


def test_the_lesson_itself_is_right():
    assert told(GOOD) == []


@table(
    ("old", "new", "said"),
    [
        # the front matter
        (
            "epochs = 1000\n+++\n",
            "epochs = 1000\n",
            "1: begins a front matter that has no end; … the second above line 27",
        ),
        ('"braking"', '"Braking distance"', "3: sets id to 'Braking distance'; … as in braking-distance"),
        ("format = 1\n", "", "1: begins a front matter without format; allowed: format = 1"),
        ("minutes", "minuten", "5: has an unknown key 'minuten' (did you mean 'minutes'?)"),
        (
            '"Braking distance"',
            "Braking distance",
            "4: has text without quotes; allowed: text in quotes, as in title = ",
        ),
        ('"Braking distance"', "“Braking distance”", "4: has quotes of a word processor; allowed: straight ones"),
        ("epochs = 1000", "epochs = 1000\nlr = 0,5", "26: has a decimal comma; allowed: a point, as in lr = 0.5"),
        (
            "four times the way.",
            "four times the way" + ", and so on" * 9,
            "7: a line of the summary takes 2 lines; allowed: 1 of 76 columns",
        ),
        ("four times the way.", "[3](=ours.epochs) times the way.", "7: ours.epochs is 1000; the lesson says 3"),
        ("four times the way.", "four times [the way](show:weg).", "7: shows 'weg'"),
        ("four times the way.", "[4](=ours.gravity) times the way.", "7: names no fact of a run: 'gravity'"),
        (
            'aim = "See',
            'hold = ["forcast"]\naim = "See',
            "6: holds back 'forcast' (did you mean 'forecast'?); allowed: limit, forecast, ",
        ),
        ('102.6\n"""', "102.6", '10: has """ without its end; allowed: a line """ below'),
        (CSV, CSV.replace('"""', '"'), "10: has a quote without its end; allowed: several lines of text between"),
        # samples and runs
        ("30,6.4\n50,17.8", "30;6.4\n50;17.8", "10: … line 12 has one column (also line 13); … write the same sign"),
        (
            "30,6.4",
            "30,6,4",
            "10: … line 12 has 3 columns; … write ; between columns whose numbers have decimal commas",
        ),
        ("80,45.6", "80 45.6", "10: has samples that cannot be used: line 14 has one column"),
        (CSV, 'csv = "cars.csv"', "'quadfit-tui lessons new NAME --data FILE' writes the samples"),
        (CSV, 'file = "cars.csv"', "9: has no samples; allowed: a table [data.NAME] with csv = "),
        (CSV, 'file = "cars.csv"', "'quadfit-tui lessons new NAME --data FILE' writes the samples"),
        (
            'car"\nepochs',
            'cars"\nepochs',
            "24: takes 'lesson:cars' as data (did you mean 'lesson:car'?); allowed: lesson:car",
        ),
        ("epochs = 1000", "scale-features = true", "25: … 'scale-features' (did you mean 'scale_features'?)"),
        ('"article"', '"articel"', "19: names no preset: 'articel' (did you mean 'article'?)"),
        ('batch = "full"', 'batch = "full"\nepochs = 900000000', "18: its runs have more than 1e+09 … raw has 3.6e+09"),
        # headings
        ("run=raw tr", "run=rawer tr", "40: names no run: 'rawer' (did you mean 'raw'?); allowed: raw, ours"),
        (".predict", ".predikt", "40: … 'predikt' (did you mean '.predict'?); allowed: .say, .do, "),
        (".predict", "predict", "40: has 'predict' among its attributes; write .predict"),
        ("{#raw .", "{.", "40: has no id; … as in #the-raw-data"),
        ("#raw", "#double", "40: has the id 'double', which the step in line 31 has already"),
        ("## The raw", "# The raw", "40: has a heading of another level; allowed: ## for each step"),
        ("transfer=yes}", "transfer=yes", "40: has no } behind its attributes; allowed: ## Title {#id .kind run=name}"),
        (" {#raw .predict run=raw transfer=yes}", "", "40: has no attributes; allowed: ## Title {#id .kind run=name}"),
        ("answer=0.0071", "answer = 0.0071", "31: has 'answer' among its attributes; write name=value without blanks"),
        ("answer=0.0071", "answer= 0.0071", "31: has 'answer=' among its attributes; write name=value without blanks"),
        (
            "tol=rel",
            "tol=relative",
            "31: tol: 'relative:0.05' is no tolerance (did you mean 'rel:0.05'?); allowed: exact, ",
        ),
        ("tol=rel:0.05", "tol=rel", "31: tol: 'rel' is no tolerance (did you mean 'rel:0.05'?)"),
        ("tol=rel:0.05", "tol", "31: has 'tol' among its attributes; write name=value"),
        ("tol=rel:0.05", "tol=10%", "31: tol: '10%' is no tolerance (did you mean 'rel:0.1'?)"),
        ("tol=rel:0.05 ", "", "31: has answer without tol=digits:3; allowed: both"),
        (
            '"now.epochs < 900 and now.epochs > 0"',
            "now.epochs < 900",
            "49: has '<' among its attributes; … a value with blanks in quotes",
        ),
        (' solution="epochs:100"', "", '49: has a task without solution; allowed: solution="lr:1.6"'),
        (
            ' until="now.epochs < 900 and now.epochs > 0"',
            "",
            '49: has a task without until; allowed: until="now.mean_loss < 0.1"',
        ),
        (" and now.epochs > 0", "", "49: the task is done on arrival: now.epochs < 900 is true at once"),
        (".predict run=raw", ".predict", "40: warning: the prediction has no run: run=…"),
        (
            "now.epochs < 900 and now.epochs > 0",
            "ours.epochs < 900",
            "49: has no condition as until; allowed: one with now",
        ),
        # texts
        ("[0.05](=ours.lr)", "[0.05](=ours.lr", "29: warning: this is no link, and is shown as it is written"),
        ("[0.05](=ours.lr)", "`0.05` (=ours.lr)", "29: warning: this is no link, and is shown as it is written"),
        ("What is a?", "What is&shy; a?", "32: has a character that does not print: '\\xad'"),
        ("What is a?", "![a](x.png)", "32: has an image; allowed: text, `code`"),
        ("What is a?", "What is $a_1 x^2$ worth?", "32: warning: this is a formula of LaTeX"),
        ("What is a?", "<b>What</b> is a?", "32: warning: tables and HTML are shown as they are written"),
        ("What is a?", "| a | b |\n|---|---|\n\nWhat is a?", "33: warning: tables and HTML are shown as they are"),
        (
            "What does a run",
            "What does a run" + " that is slow" * 50,
            "40: the step takes 12 lines; allowed: 5 of 76 columns",
        ),
        ("[0.05]", "[0.2]", "29: ours.lr is 0.05; the lesson says 0.2"),
        (
            "Above [?](=raw.limit)",
            "Above [?](=raw.maxrate)",
            "43: names no fact of a run: 'maxrate'; allowed: status, epochs, updates, ",
        ),
        ("Above [?](=raw.limit)", "Above [?](=raw[2].gb)", "43: names no fact of a moment: 'gb' (did you mean"),
        # answers
        ("answer=0.0071", "answer=5", "31: ours.a is 0.007123346137; the lesson says 5"),
        ("- [ ] the other", "- [x] the other", "31: has right answers in lines 33 and 35; allowed: one row with [x]"),
        ("- [x] it diverges", "- [ ] it diverges", "40: has no right answer; … the condition"),
        (A_NUMBER, "", "31: has no right answer; … the value of the number"),
        (ARRIVES, "", "40: has 1 choice; allowed: 2 to 6, or tol and answer for a number"),
        (
            ' `raw.status == "converged"`',
            "",
            "44: has no expression; allowed: - [x] text `expression`, at the end of its line",
        ),
        ("  The way grows.\n", "", "35: the wrong answer 'the other sign' has no feedback; write below it, indented"),
        ("  The way grows.\n", "The way grows.\n", "36: warning: this belongs to the row above, … indent it"),
        ("run=ours}", "run=ours view=words}", "28: warning: view words is gone, fit is shown; "),
        (
            "- model: It",
            "- [x] It",
            "52: has 1 choice; allowed: 2 to 6",
        ),
        (
            "- model: It goes",
            "- model: It goes" + " and goes" * 60,
            "52: a model answer takes 8 lines; allowed: 5 of 76 columns",
        ),
        ("- model: It goes", "- model: At [3](=ours.epochs) it goes", "54: ours.epochs is 1000; the lesson says 3"),
        ("A car brakes at [0.05](=ours.lr), the rate.\n", "", "28: warning: the step has no text"),
        ("- [ ] it arrives", "- [ ] It diverges", "44: warning: the answer 'It diverges' stands here twice"),
        ("- [ ] the other", "-[ ] the other", "35: begins a row with -[; allowed: a blank between - and ["),
        (
            "- [ ] the other",
            "* [ ] the other",
            "35: has text that belongs to no step below a list; indent what is said",
        ),
        # expressions
        ('raw.status == "div', 'raw.status = "div', "42: … is not an expression; write == to compare"),
        (
            '"diverged"`',
            '"divergent"`',
            "42: … compares raw.status with 'divergent', which it never is (did you mean 'diverged'?)",
        ),
        (
            '"diverged"`',
            "diverged`",
            "42: … names 'diverged' alone; … as in slow.epochs, or \"diverged\" in quotes",
        ),
        ('`raw.status == "conv', '`row.status == "conv', "44: names no run of the lesson: 'row' (did you mean 'raw'?)"),
        (
            'raw.status == "converged"',
            "raw.epochs > 0",
            "44: raw.epochs > 0 is true, since raw.epochs is 20; the lesson says 'it arrives' is wrong",
        ),
        (
            'raw.status == "converged"',
            "max(raw.a, raw.b) > 3",
            "44: 'max(raw.a, raw.b) > 3' names no function: 'max'; allowed: near, same, zero, ",
        ),
        (
            'raw.status == "converged"',
            "raw.a > 0 && raw.b > 0",
            "'raw.a > 0 && raw.b > 0' is not an expression; write and, or",
        ),
        ('raw.status == "converged"', "raw.a < 0,05", "44: 'raw.a < 0,05' is not an expression; write a decimal point"),
        ('raw.status == "converged"', "raw.a ≥ 3", "44: 'raw.a ≥ 3' is not an expression; write <=, >= or !="),
        (
            'raw.status == "converged"',
            "near(raw.a, 3)",
            "44: 'near(raw.a, 3)' gives near 2 values; allowed: near(x, y, 0.05)",
        ),
        (
            'raw.status == "converged"',
            "0 < raw.a < 3",
            "means nothing in a lesson: '0 < raw.a < 3'; write a < b and b < c",
        ),
        ('raw.status == "converged"', "raw.a > 0,5", "44: … '(raw.a > 0, 5)'; write a decimal point"),
        (
            'raw.status == "converged"',
            "raw.a**2 > 5",
            "means nothing in a lesson: 'raw.a ** 2'; write x*x for a square",
        ),
        ('raw.status == "converged"', "raw.a", "44: has another kind of expression; allowed: a condition"),
    ],
)
def test_a_mistake_is_told_and_nothing_else(old, new, said):
    found = told(changed(old, new))
    assert [all(part in line for part in said.split(" … ")) for line in found] == [True], found


@table(
    ("old", "new", "said"),
    [
        ('aim = "See how the braking distance grows with the speed."\n', "", "1: warning: there is no aim"),
        ('"Twice the speed takes four times the way.", ', "", "1: warning: the summary has 1 lines; write two"),
        (" transfer=yes", "", "1: warning: there is no transfer question"),
        ("What is a?", "See the form, what is a?", "32: warning: 'form' is of the screen alone; link what is there"),
        ("What is a?", "Press space.", "32: warning: 'Press' is of the screen alone"),
        ("What is a?", "What is at the top?", "32: warning: 'at the top' is of the screen alone"),
        ("What is a?", "Type where, then a.", "32: warning: 'Type where' is of lessons line by line alone"),
        ("  The way grows with the square of the speed.\n", "", "33: warning: nothing is said to the right answer"),
        ("- hint: It goes with the square.\n", "", "31: warning: the question has no hint"),
        (
            "- hint: Could a rate be too high?\n- note: Ask for hands.\n",
            "- hint: Could it?\n",
            "40: warning: the question has no note",
        ),
        ("- model: It goes with the square.\n", "", "52: warning: there is no model answer"),
        ("`ours.a`", "`0.0071`", "33: warning: the right answer is asked of no run, so nothing computes it"),
    ],
)
def test_lessons_of_the_program_have_more(old, new, said):
    assert [fault.text for fault in check(read_content(changed(old, new).encode(), "our.md"))] == []
    (found,) = warnings(read_content(changed(old, new).encode(), "our.md"))
    assert said in f"{found.line}: warning: {found.text}"


@table(
    ("content", "said"),
    [
        (
            GOOD.removeprefix("+++\n"),
            "1: has no front matter; allowed: TOML between two lines +++, as 'quadfit-tui lessons new",
        ),
        (
            GOOD.replace("+++", "---"),
            "1: begins with ---, as YAML does; allowed: TOML between two lines +++, with = in the place of :",
        ),
        ("", "1: begins an empty file; 'quadfit-tui lessons new NAME' writes a lesson to begin with"),
        (GOOD.encode("utf-16"), "1: is not text in UTF-8 but in another encoding; save it as plain text in UTF-8"),
        (b"PK\x03\x04\xff\xfe", "1: is not text in UTF-8 but a document of a word processor; save it as plain text"),
    ],
)
def test_non_lesson_file_reported(content, said):
    (found,) = told(content)
    assert said in found


@table(
    ("old", "new"),
    [
        ('"diverged"`', "“diverged”`"),
        ('"now.epochs < 900 and now.epochs > 0"', "“now.epochs < 900 and now.epochs > 0”"),
        ("  The way grows.\n", "\tThe way grows.\n"),
        ("- [x] it diverges", "- [X] it diverges"),
        ("What is a?", "It costs $5, or $6. What is a?".replace("5", "`5`").replace("6", "`6`")),
        ("What is a?", "What is [a in the view](show:w)?"),
        ("answer=0.0071", "answer=0,0071"),
        ("## The raw", "##The raw"),
    ],
)
def test_typographic_variants_accepted(old, new):
    assert told(changed(old, new)) == []


def test_line_endings_and_bom_accepted():
    assert told(GOOD.replace("\n", "\r\n")) == told("\ufeff" + GOOD) == []


def test_what_has_no_value_is_told_once():
    found = told(changed('"Twice the speed takes four times the way."', '"It ends at [?](=raw.mean_loss)."'))
    assert found == ["7: raw.mean_loss has no value"]


def test_all_mistakes_listed_in_line_order():
    text = GOOD
    for old, new in (
        ("minutes", "minuten"),
        ('"article"', '"articel"'),
        ("=ours.lr", "=ours.lrs"),
        (".predict", ".predikt"),
        ('"diverged"`', "diverged`"),
        ("now.epochs < 900", "now.epoch < 900"),
        ("epochs:100", "epoch:100"),
        ("- model", "- modal"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    lines = [int(line.partition(":")[0]) for line in told(text)]
    assert lines == [5, 19, 29, 40, 42, 49, 49, 54]


def test_steps_checked_despite_broken_front_matter():
    text = changed("epochs = 1000", "epochs = 1.000.000").replace(".predict", ".predikt")
    text = text.replace("=ours.lr", "=ours.lrs").replace("- hint: Could", "- hin: Could")
    lines = told(text)
    assert [int(line.partition(":")[0]) for line in lines] == [25, 29, 40, 46]
    assert "is not valid TOML" in lines[0]


@pytest.mark.parametrize("run", ["raw", "ours"])
def test_broken_run_causes_no_further_errors(run):
    text = changed("{#car .say run=ours}", f"{{#car .say run={run} at=700}}").replace("epochs = 1000", "epochs = 0")
    text = text.replace('"article"', '"articel"').replace("[runs.raw]", '[runs.other]\nfrom = "raw"\n[runs.raw]')
    lines = [int(line.partition(":")[0]) for line in told(text)]
    assert lines == [19, 21, 27]


def test_no_more_than_fifty_are_told():
    assert len(told(changed("What is a?", "[a](=b) " * 99 + "\n\n".join(f"[a](=b{at}.c)" for at in range(99))))) == 50
