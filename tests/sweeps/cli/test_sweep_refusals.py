"""What `sweep` refuses: exit code 2, one line that says what is allowed, and nothing is written."""

import shlex

import pytest
from command_line import one_line
from tables import table

from quadfit_tui.sweeps.cli.sweep_output import MOST_JOBS
from quadfit_tui.sweeps.engines import engine

BAD = [
    ("--lr 0:1:0 -o x.csv", ["'--lr': '0:1:0' begins with '0', which is too small", "above 0, up to 1e6"]),
    ("--lr 0.1:1:1000000 --tol 0:1:1000 -o x.csv", ["'--lr / --tol'", "1000000000 combinations", "10,000,000"]),
    ("--lr 0.1,0.2 -o x.csv", ["'--lr': '0.1,0.2' is not a number", "for several values, repeat --lr"]),
    ("--lr 0.1 0.2 -o x.csv", ["'--lr': '0.1 0.2' is not a number", "for several values, repeat --lr"]),
    ("--optimizer sgd,adam -o x.csv", ["'--optimizer': 'sgd,adam' is not one of", "repeat --optimizer"]),
    ("--optimizer sgd:adam:2 -o x.csv", ["'--optimizer'", "allowed: one of sgd, momentum"]),
    ("--init 1,2 -o x.csv", ["'--init': '1,2' is 2 numbers, not three"]),
    ("--seeds 0 -o x.csv", ["'--seeds': '0' is too small; allowed: a whole number from 1 to 1e6"]),
    ("--seeds 2 --seed 1 --seed 5 -o x.csv", ["--seeds cannot be combined with several --seed"]),
    ("--seeds 2 --seed 1000000000000000000 -o x.csv", ["'--seed'", "is too large; allowed: a whole number from 0 to"]),
    ("--random 0 -o x.csv", ["'--random': '0' is too small; allowed: a whole number from 1"]),
    (
        "--random 4 --lr 0.1:1:3 -o x.csv",
        ["'--random': '4' is more than there are; allowed: a whole number from 1 to 3"],
    ),
    ("--jobs 0 -o x.csv", ["'--jobs': '0' is too small; allowed: a whole number from 1 to 1000"]),
    ("--scheduler tcp://a:1 --jobs 2 -o x.csv", ["--jobs cannot be combined with --scheduler"]),
    ("--lr 0.1:1:3", ["--output FILE is missing", "allowed: a name that ends in .csv, or -; or --dry-run or --plot"]),
    ("--lr 0.1:1:3 --force", ["--force has no effect without --output FILE"]),
    ("--lr 0.1:1:3 --resume", ["--resume has no effect without --output FILE"]),
    ("--lr 0.1:1:3 -f csv", ["'csv' is not one of the choices", "; allowed: one of text, ansi, svg"]),
    ("--lr 0.1:1:3 --curves", ["no such option '--curves'"]),
    ("-o x.csv -f svg", ["--format has no effect without --from FILE"]),
    ("-o - --force", ["--force has no effect without --output FILE"]),
    ("-o - --plot", ["--plot would mix the picture into the rows; allowed: --output FILE"]),
    ("-o x.sqlite", ["'x.sqlite' is for another kind of file; allowed: a name that ends in .csv, or -"]),
    ("--random 4 -c sweep.toml -o x.csv", ["'--random': '4' is more than there are"]),
    ("-c bad.toml -o x.csv", ["'--config bad.toml': lr = '-1' is too small"]),
    ("-c changed.toml -o x.csv", ["'--config': 'changed.toml' was changed, or is not of a sweep"]),
    ("-o named.csv", ["'--output': 'named.csv.toml' cannot be written: it already has content; allowed: another"]),
    (
        "--resume -o old.csv",
        ["'old.csv' goes with 'old.csv.toml', which is missing; allowed: the two files of a sweep"],
    ),
    ("--from old.csv --plot", ["'--from': 'old.csv' goes with 'old.csv.toml', which is missing; allowed: "]),
    ("--from none.csv --plot", ["'--from': 'none.csv' cannot be read: No such file"]),
    ("--resume -o named.csv", ["'named.csv' goes with 'named.csv.toml', which was changed, or is not of a sweep"]),
    ("-o x.csv --force --resume", ["--resume cannot be combined with --force"]),
    (
        "-o x.txt",
        ["'--output': 'x.txt' is for another kind of file; allowed: a name that ends in .csv, or - for"],
    ),
    ("-o ''", ["'--output': '' is for another kind of file; allowed: "]),
    ("-o absent/x.csv", ["'--output': 'absent/x.csv' cannot be written: its folder does not exist; allowed: a file"]),
    ("-o full.csv", ["'full.csv' cannot be written: it already has content", "allowed: another file, or --force"]),
    ("-o full.csv --resume", ["'--resume': 'full.csv' goes with 'full.csv.toml', which is missing"]),
    ("-d samples.csv -o samples.csv --force", ["'--output': 'samples.csv' is an input of this run"]),
    ("-d samples.csv -d other.csv -o other.csv --force", ["'--output': 'other.csv' is an input of this run"]),
    ("-d absent.csv -o x.csv", ["'--data': 'absent.csv' cannot be read: No such file"]),
    ("-d samples.csv -d absent.csv -o x.csv", ["'--data': 'absent.csv' cannot be read: No such file"]),
    ("-d full.csv -o x.csv", ["--data", "full.csv"]),
    ("-d - -d samples.csv -o x.csv", ["'--data': '-' can be read only once; allowed: a file"]),
    ("-d - -c - -o x.csv", ["--data and --config cannot both read standard input"]),
    ("-d samples.csv --batch 1:64:7log -o x.csv", ["'--batch': '8' exceeds the number of samples; allowed: 1 to 4"]),
    ("-d samples.csv --noise 0:1:3 -o x.csv", ["'--noise': '0' has no effect with --data samples.csv"]),
    (f"-d samples.csv --data-sha256 {'0' * 64} -o x.csv", ["'--data-sha256': samples.csv has changed: its SHA-256 is"]),
    (
        f"-d samples.csv -d other.csv --data-sha256 {'0' * 64} -o x.csv",
        ["--data-sha256 cannot be combined with several --data"],
    ),
    (f"--data-sha256 {'0' * 64} -o x.csv", ["--data-sha256 has no effect without --data FILE"]),
    ("--skip 1 --skip 2 -o x.csv", ["'--skip': '1' has no effect without --data; allowed: with --data FILE"]),
    ("--momentum 0.5 -o x.csv", ["'--momentum': '0.5' has no effect with optimizer sgd; allowed: with --optimizer"]),
    ("--momentum 0:0.9:4 -o x.csv", ["'--momentum': '0' has no effect with optimizer sgd; allowed: with --optimizer"]),
    (
        "--optimizer sgd --optimizer adam --momentum 0.5 -o x.csv",
        ["'--momentum': '0.5' makes no difference to any run of the sweep; allowed: with --optimizer momentum or nest"],
    ),
    (
        "--schedule constant --schedule cosine --decay-every 1:8:4 -o x.csv",
        ["'--decay-every': '1' makes no difference to any run of the sweep; allowed: with --schedule halve, expon"],
    ),
    ("--batch 900:1000:3 -o x.csv", ["'--batch': '900' exceeds the number of samples; allowed: 1 to 800, or full"]),
    ("--x-min 1:2:3 -o x.csv", ["'--x-min / --x-max': '1 to 1' is empty; allowed: x_min below x_max"]),
    (
        "--progress often -o x.csv",
        ["'--progress': 'often' is not one of the choices; allowed: one of auto, none"],
    ),
    ("--quiet -o x.csv", ["--quiet only applies to 'run', not to 'sweep'"]),
    ("stray -o x.csv", ["stray", "this command takes options only, see 'quadfit-tui sweep --help'"]),
    ("-c absent.toml -o x.csv", ["'--config': 'absent.toml' cannot be read"]),
]
FILES = {"full.csv": "some,thing\nelse\n", "samples.csv": "0,1\n1,2\n2,4\n3,9\n", "other.csv": "0,1\n1,3\n2,4\n3,9\n"}
FILES |= {"old.csv": "# sweep: 1\n# base: 3\ncell,seed\n", "named.csv.toml": "lr = 1\n"}
SWEPT = "[sweep.values]\nlr = [0.1, {}]\n"
FILES |= {"sweep.toml": SWEPT.format(0.2), "bad.toml": SWEPT.format(-1), "changed.toml": "[sweep]\nvalues = 3\n"}


@table(("args", "words"), BAD)
def test_invalid_arguments_exit_2_without_writing(call, tmp_path, monkeypatch, args, words):
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    code, out, err = call("sweep", *shlex.split(args))
    assert (code, out) == (2, "")
    line = one_line(err)
    assert line.isprintable()
    assert [word for word in words if word not in line] == []
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == FILES


@pytest.mark.parametrize("args", [["sweep", "--lr", "\x1b[31m:1:2"], ["sweep", "--lr", "x" * 100_000 + ":1:2"]])
def test_errors_are_escaped_and_truncated(call, args):
    code, out, err = call(*args)
    assert (code, out) == (2, "")
    assert one_line(err).isprintable()
    assert len(err) < 2000


def test_jobs_bound_matches_engine():
    assert MOST_JOBS == engine.MOST_JOBS


def test_misplaced_sweep_options_explained(call):
    code, _, err = call("--lr", "0.1", "sweep", "-o", "x.csv")
    assert (code, "--lr goes after 'sweep'" in one_line(err)) == (2, True)
    assert "--seeds belongs to 'sweep'; write it after 'sweep'" in one_line(call("--seeds", "3")[2])


def test_sweep_options_refused_by_run(call):
    code, out, err = call("run", "--seeds", "3")
    assert (code, out) == (2, "")
    assert "--seeds only applies to 'sweep', not to 'run' (did you mean '--seed'?)" in one_line(err)
