"""Refusals: bad options, files of samples and configuration files end with 2 and one line that says what is allowed."""

from pathlib import Path

import pytest
from command_line import one_line
from tables import table

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.model.problem import make_dataset

BAD = [
    (["--lr", "nan"], ["--lr", "'nan'", "above 0, up to 1e6"]),
    (["--lr=-1"], ["--lr", "'-1'", "above 0, up to 1e6"]),
    (["--epochs", "0"], ["--epochs", "'0'", "from 1 to 1e9"]),
    (["--batch", "801"], ["--batch", "'801'", "1 to 800, or full"]),
    (["--samples", "5", "--batch", "6"], ["--batch", "'6'", "1 to 5, or full"]),
    (["--x-min", "1"], ["--x-min", "--x-max", "'1 to 1'", "x_min below x_max"]),
    (["--preset", "none"], ["--preset", "'none'", "allowed: one of article,", "too-fast"]),
    (["--init", "1,2,3,4"], ["--init", "'1,2,3,4'", "three numbers", "random"]),
    (["--shuffle=maybe"], ["--shuffle", "'maybe'", "yes or no"]),
    (["--format", "xml"], ["--format", "'xml'", "allowed: one of text, article, csv, jsonl, spoken"]),
    (["--every", "x"], ["--every", "'x'", "allowed: a whole number from 1"]),
    (
        ["--momentum", "0.5"],
        ["'--momentum': '0.5' has no effect with optimizer sgd; allowed: with --optimizer momentum or nesterov"],
    ),
    (
        ["--decay-rate", "1/4"],
        ["'--decay-rate': '0.25' has no effect with schedule halve; allowed: with --schedule exponential or inv"],
    ),
    (
        ["--preset", "adam", "--epsilon", "1e-7", "--rho", "0.9"],
        ["'--rho': '0.9' has no effect with optimizer adam; allowed: with --optimizer rmsprop"],
    ),
    (
        ["--preset", "adam", "--optimizer", "nesterov", "--epsilon", "1e-7"],
        ["'--epsilon': '1e-07' has no effect with optimizer nesterov; allowed: with --optimizer adagrad, rmsprop or"],
    ),
    (["--learning-rate", "1"], ["'--learning-rate' (did you mean '--lr'?); see 'quadfit-tui run --help'"]),
    (["--rate", "1"], ["'--rate' (did you mean '--lr'?); see 'quadfit-tui run --help'"]),
    (["--batch-size=3"], ["'--batch-size' (did you mean '--batch'?); see 'quadfit-tui run --help'"]),
    (["--iterations", "3"], ["'--iterations' (did you mean '--epochs'?); see 'quadfit-tui run --help'"]),
    (["--seeds", "3"], ["(did you mean '--seed'?)"]),
    (["--ep", "5"], ["no such option '--ep' (did you mean '--epochs'?); see 'quadfit-tui run --help'"]),
    (["--" + "x" * 3000], ["x...'; see 'quadfit-tui run --help'"]),
    (["--speed", "max"], ["--speed only applies to the app, not to 'run'"]),
    (["--quiet", "--every", "2"], ["--every cannot be combined with --quiet"]),
    (["--width", "80"], ["--width has no effect without --plot"]),
    (["--ascii"], ["--ascii has no effect without --plot or --explain"]),
    (["--plot", "--width", "10"], ["--width", "'10'", "allowed: a whole number from 20 to 400"]),
    (["--plot", "x"], ["--plot", "'x' is not one of the choices; allowed: one of fit, loss, "]),
    (["--lr"], ["--lr", "argument; allowed: see 'quadfit-tui run --help'"]),
    (["--quiet=yes"], ["--quiet", "value; allowed: see 'quadfit-tui run --help'"]),
    (["stray"], ["stray", "this command takes options only, see 'quadfit-tui run --help'"]),
    (["--epochs", "1.000"], ["--epochs", "'1.000' is ambiguous: write 1 or 1000"]),
    (["a\x1b[2Jb"], [r"a\x1b[2Jb"]),
    (["--plot", "--format", "csv"], ["--plot", "csv", "--output"]),
    (["--data", "/absent/file.csv"], ["--data", "'/absent/file.csv'", "No such file", "allowed"]),
    (["--data", ""], ["'--data': '' is not the name of a file; allowed: the name of a file"]),
    (["--data= "], ["'--data': ' ' is not the name of a file; allowed: the name of a file"]),
    (["--config", "/absent/file.toml"], ["'--config': '/absent/file.toml' cannot be read: No such file", "allowed"]),
    (["--config", ""], ["'--config': '' cannot be read: it is not the name of a file; allowed: a TOML file"]),
    (["--output", "/absent/dir/file"], ["--output", "'/absent/dir/file'", "its folder does not exist", "allowed"]),
    (["--output", ""], ["--output", "''", "not the name of a file", "allowed"]),
]


@table(("args", "words"), BAD, ids=[ascii(" ".join(args)) for args, _ in BAD])
def test_bad_usage_is_refused_with_allowed_values(call, args, words):
    code, out, err = call("run", *args)
    assert (code, out) == (2, "")
    line = one_line(err)
    assert line.isprintable()
    assert [word for word in words if word not in line] == []


BAD_DATA = {
    "empty": (b"", "contains no samples"),
    "text": (b"1,2\n3,four\nfive,6\n", "line 2, column 2: 'four' is not a number (also line 3)"),
}


@pytest.mark.parametrize(("content", "reason"), BAD_DATA.values(), ids=BAD_DATA)
def test_bad_data_file_is_refused(call, tmp_path, content, reason):
    file = tmp_path / "bad.csv"
    file.write_bytes(content)
    code, out, err = call("run", "--data", file)
    assert (code, out) == (2, "")
    line = one_line(err)
    assert [word for word in ("--data", str(file), reason, "allowed: ") if word not in line] == []


def test_file_names_keep_blanks(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [f"{x},{x * x}\n" for x in range(4)]
    for name, count in (("a.csv", 3), ("a.csv ", 4), (" lead.csv", 4)):
        Path(name).write_text("".join(rows[:count]))
        assert len(make_dataset(RunConfig(data=name)).x) == count
    for name in ("a.csv ", " lead.csv"):
        assert call("run", "--quiet", "--data", name, "--batch", 4)[::2] == (0, "")
        Path("of.toml").write_text(f"data = '{name}'\nbatch = 4\n")
        assert call("run", "--quiet", "--config", "of.toml")[::2] == (0, "")
    assert "'--data': ' a.csv' cannot be read" in call("run", "--data", " a.csv")[2]


BAD_CONFIG = {
    "broken": ("lr = ", ["is not valid TOML"]),
    "unknown key": ("lrr = 0.5", ["has an unknown key 'lrr'", "'lr'", "round_epochs", "data_sha256"]),
    "key of the digest": ("data_sha265 = 0", ["has an unknown key", "(did you mean 'data_sha256'?)"]),
    "option's spelling": ("x-min = 0", ["has an unknown key 'x-min'", "'x_min'"]),
    "truth value": ("lr = true", ["lr = 'true'", "above 0"]),
    "too large a batch": ("batch = 900", ["batch = '900'", "1 to 800"]),
    "x_min above x_max": ("x_min = 2", ["x_min = '2 to 1'", "x_min below x_max"]),
    "binary": (b"\xff\xfe\x00", ["is not text"]),
}


@table(("content", "words"), BAD_CONFIG.values(), ids=BAD_CONFIG)
def test_bad_config_file_is_refused(call, tmp_path, content, words):
    file = tmp_path / "bad.toml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    code, out, err = call("run", "--config", file)
    assert (code, out) == (2, "")
    line = one_line(err)
    assert f"'--config {file}': " in line or f"'--config': '{file}' {words[0]}" in line
    assert [word for word in ("allowed: ", *words) if word not in line] == []


LAYERS = {
    "the file's batch beside the option's samples": ("batch = 900", ["--samples", "1000"], None),
    "the file's end beside the option's other one": ("x_min = 3", ["--x-max", "5", "--lr", "1e-6"], None),
    "the preset's batch beside the option's": ("samples = 10", ["--preset", "article-minibatch", "--batch", "5"], None),
    "the file's batch": ("batch = 900", ["--samples", "600"], "config'"),
    "the file's batch, the preset's own": ("batch = 900", ["--preset", "noisy"], "config'"),
    "the preset's batch": ("samples = 10", ["--preset", "article-minibatch"], "minibatch': batch = '16'"),
    "the preset's batch, no file": ("", ["--preset", "noisy", "--samples", "5"], "noisy': batch = '16'"),
    "the option's batch": ("samples = 10", ["--batch", "16"], "'--batch': '16' exceeds the number of samples"),
    "the file's data": ('data = "absent"', ["--batch", "1"], "config': data = "),
}


@pytest.mark.parametrize(("content", "args", "blamed"), LAYERS.values(), ids=LAYERS)
def test_merged_layer_errors_name_the_source(call, tmp_path, content, args, blamed):
    file = tmp_path / "config"
    file.write_text(content)
    code, _, err = call("run", "--config", file, "--epochs", 1, *args)
    if blamed is None:
        assert (code, err) == (0, "")
    else:
        assert code == 2
        assert blamed in one_line(err)


@pytest.mark.parametrize("option", ["--data", "--config", "--output", "--lr", "--preset"])
def test_multiline_value_has_one_line_refusal(call, option):
    code, out, err = call("run", option, "/absent/a\nb.csv")
    assert (code, out) == (2, "")
    one_line(err)
