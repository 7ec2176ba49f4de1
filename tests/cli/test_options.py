"""The options of parameters: how they are read, and which of preset, file and option counts."""

from itertools import product

import pytest
from command_line import one_line
from tables import table

from quadfit_tui.core.config.parameters import OF_FILES, PARAMETERS, USED_BY
from quadfit_tui.main import join_numbers

SHORT = ["run", "--epochs", 1, "--samples", 2]


@pytest.mark.parametrize(
    ("command", "name"),
    [
        *(pytest.param(SHORT, name, id=f"run {name}") for name in USED_BY),
        pytest.param([], next(iter(USED_BY)), id="app"),
    ],
)
def test_option_applies_only_to_its_choices(call, command, name):
    row, users = PARAMETERS[name], USED_BY[name]
    choice = PARAMETERS[users.choice]
    assert {*users.words} < {*choice.value_type.options}
    for word in choice.value_type.options:
        code, _, err = call(*command, row.option, row.show(row.default), choice.option, word)
        if word in users.words:
            assert "has no effect" not in err, word
            assert code == (0 if command else 2), word  # the app has no terminal here
        else:
            assert code == 2, word
            assert f"{row.option!r}: {row.show(row.default)!r} has no effect with {choice.name} {word}" in one_line(err)


@pytest.mark.parametrize(
    ("command", "name"),
    [*product([["run", "--epochs", 1]], ["true", "samples", "x_min", "x_max", "noise", "seed"]), ([], "true")],
)
def test_sample_options_conflict_with_data_file(call, tmp_path, command, name):
    file, row = tmp_path / "own.csv", PARAMETERS[name]
    file.write_text("0,1\n1,2\n2,4\n")
    text = row.show(row.default)
    code, out, err = call(*command, "--data", file, row.option, text)
    if name == "seed":  # that of the order and of a random start, too
        assert code == 0
        return
    assert (code, out) == (2, "")
    line = one_line(err)
    assert f"{row.option!r}: {text!r} has no effect with --data {file}; allowed: one of the two options" in line
    config = tmp_path / "run.toml"
    config.write_text('data = "own.csv"\n')
    assert call(*command, "--config", config, row.option, text) == (code, out, err)


def test_unused_file_or_preset_values_are_ignored(rows, tmp_path):
    file = tmp_path / "run.toml"
    file.write_text("momentum = 0.5\nbeta1 = 0.5\ndecay_rate = 0.25\nepochs = 2\n")
    assert rows("--config", file) == rows("--epochs", 2)
    assert rows("--preset", "momentum", "--optimizer", "sgd", "--schedule", "halve", "--epochs", 2) == rows(
        "--batch", "full", "--lr", 1, "--epochs", 2
    )
    _, seen = rows("--config", file, "--optimizer", "nesterov")
    assert seen == rows("--optimizer", "nesterov", "--momentum", "0.5", "--epochs", 2)[1]


OPTIONS = {
    "true": "1,-1,0.5", "samples": "20", "x_min": "-3", "x_max": "0.5", "noise": "0.5", "seed": "9", "init": "1,1,1",
    "optimizer": "nesterov", "momentum": "0.5", "rho": "0.5", "beta1": "0.5", "beta2": "0.5", "epsilon": "0.5",
    "lr": "0.05", "schedule": "constant", "decay_every": "2", "decay_rate": "0.25", "batch": "7", "shuffle": "yes",
    "epochs": "2", "gradient": "full", "scale_features": "yes", "tol": "1e7", "stop_on": "last-update",
    "round_epochs": "1",
}  # fmt: skip
# What a parameter needs before it shows.
NEEDS = {
    "optimizer": ["--lr", "0.01"],
    "decay_every": ["--schedule", "exponential"],
    "schedule": ["--epochs", "12"],
    "seed": ["--noise", "1"],
    "stop_on": ["--tol", "1"],
    **{
        name: [PARAMETERS[users.choice].option, users.words[-1]]
        for name, users in USED_BY.items()
        if name != "decay_every"
    },
}


@table("name", [name for name in PARAMETERS if name not in ("data", *OF_FILES)])
def test_every_option_changes_the_run(rows, name):
    base = ["--samples", 50, "--epochs", 4, *NEEDS.get(name, [])]
    assert rows(*base) != rows(*base, PARAMETERS[name].option, OPTIONS[name])


@pytest.mark.parametrize("style", ["x,y\n", ""])
def test_data_come_from_a_file(rows, tmp_path, style):
    file = tmp_path / "three.csv"
    file.write_text(style + "0,5\n1,4\n2,9\n")
    code, (*_, end) = rows("--data", file, "--epochs", 3)
    assert code == 0
    assert end["optimum"] == pytest.approx([3, -4, 5])
    assert end["updates"] == 3  # an epoch has one, as the preset of own data has it


def test_columns_and_encoding_options(rows, call, tmp_path):
    file = tmp_path / "three.csv"
    file.write_bytes("fünf;y;zwölf\n5;0;0\n4;1;1\n9;2;2\n".encode("latin-1"))
    for columns in ("y,fünf", "2,1"):
        code, (*_, end) = rows("--data", file, "--columns", columns, "--encoding", "latin-1", "--epochs", 3)
        assert code == 0
        assert end["optimum"] == pytest.approx([3, -4, 5])
    code, out, err = call("run", "--data", file, "--columns", "y,zehn")
    assert (code, out) == (2, "")
    assert one_line(err).endswith(
        "Invalid value for '--columns': 'y, zehn' names 'zehn', which is no column of the file; "
        "allowed: two of its headings (fünf, y, zwölf), or numbers from 1 to 3"
    )
    for option, value in (("--columns", "1, 2"), ("--encoding", "latin-1")):
        code, _, err = call("run", option, value)
        assert code == 2
        assert one_line(err).endswith(f"{option!r}: {value!r} has no effect without --data; allowed: with --data FILE")


def test_skipped_lines_are_reported(call, tmp_path):
    file = tmp_path / "it.csv"
    file.write_text("9;9\nRun 3\nx;y\ns;m\n0;5,5\n1;4,5 # again\n2;NA\n2;9,5\n")
    code, out, err = call("run", "--data", file, "--skip", 1, "--quiet")
    assert code == 0
    assert err.splitlines() == [
        f"quadfit-tui: --data {file}: {told}"
        for told in (
            "line 2 is passed over: the table begins in line 3",
            "line 4 is passed over: it has units",
            "comments behind values are passed over: line 6",
            "1 row is left out, since a value is missing: line 7",
        )
    ]
    file.write_text("0;5,5\n1;4,5\n2;9,5\n")
    assert call("run", "--data", file, "--quiet") == (0, out, "")
    code, _, err = call("run", "--data", file, "--skip", 3)
    assert code == 2
    assert one_line(err).endswith("'--skip': '3' passes over all lines of the file; allowed: up to 2")


def test_config_file_names_its_preset(rows, call, tmp_path, monkeypatch):
    file = tmp_path / "it.toml"
    file.write_text('preset = "noisy"\nepochs = 3\n')
    noisy, momentum = (rows("--preset", name, "--epochs", 3) for name in ("noisy", "momentum"))
    assert rows("--config", file) == noisy != momentum
    assert rows("--config", file, "--preset", "momentum") == momentum
    assert rows("--config", file, "--epochs", 2) == rows("--preset", "noisy", "--epochs", 2)
    file.write_text("preset = 'nosy'")
    code, _, err = call("run", "--config", file)
    assert code == 2
    assert f"'--config {file}': preset = 'nosy' is not one of the choices (did you mean 'noisy'?); allowed: " in err
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    own = tmp_path / "quadfit-tui" / "presets" / "mine.toml"
    own.parent.mkdir(parents=True)
    own.write_text('preset = "noisy"\nlr = 0.1\n')
    file.write_text('preset = "mine"\nepochs = 3\n')
    assert rows("--config", file) == rows("--preset", "noisy", "--lr", 0.1, "--epochs", 3)
    own.write_text('lr = 0.1\npreset = "mine"\n')
    code, _, err = call("run", "--preset", "mine")
    assert code == 2
    assert "presets/mine.toml:2: preset = 'mine' is no preset of the program; allowed: one of article, " in err


def test_tilde_in_config_file_is_home(rows, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "it.csv").write_text("0,5\n1,4\n2,9\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "it.toml").write_text('data = "~/it.csv"\n')
    code, (*_, end) = rows("--config", tmp_path / "folder" / "it.toml")
    assert code == 0
    assert end["optimum"] == pytest.approx([3, -4, 5])


def test_example_name_works_as_data_file(rows):
    code, (*_, end) = rows("--data", "example:pontius")
    assert code == 0
    certified = [-0.316081871345029e-14, 0.732059160401003e-06, 0.673565789473684e-03]  # by NIST
    assert end["w"] == pytest.approx(certified, rel=1e-9)


def test_data_defaults_to_own_data_preset(rows, tmp_path):
    file, config = tmp_path / "own.csv", tmp_path / "run.toml"
    file.write_text("150 1.5\n160 1.6\n170 1.9\n197 2.5\n")
    config.write_text('data = "own.csv"\nepochs = 4\n')
    own = rows("--preset", "own-data", "--data", file)
    assert rows("--data", file) == own
    assert own[1][-1]["w"] == pytest.approx(own[1][-1]["optimum"], rel=1e-6)
    assert rows("--config", config) == rows("--data", file, "--epochs", 4)
    other = rows("--preset", "full-batch", "--data", file, "--epochs", 4)
    assert other != rows("--data", file, "--epochs", 4)
    assert other == rows("--preset", "full-batch", "--config", config)


@pytest.mark.parametrize(
    "args", [["--shuffle", "yes"], ["--shuffle"], ["--shuffle=yes"], ["--shuffle", "--lr", "0.5"], ["--shuffle", "on"]]
)
def test_shuffle_is_a_switch_or_a_yes(rows, args):
    short = ["--samples", 20, "--epochs", 2]
    assert rows(*short, *args) == rows(*short, "--shuffle", "true") != rows(*short)
    assert rows(*short, *args, "--shuffle", "no") == rows(*short, *args, "--no-shuffle") == rows(*short)
    assert rows(*short, "--no-shuffle", *args) == rows(*short, *args)


def test_preset_flags_can_be_negated(rows):
    short = ["--epochs", 2]
    assert rows(*short, "--preset", "article-minibatch", "--no-shuffle") == rows(
        *short, "--batch", 16, "--stop-on", "never"
    )
    scaled = [*short, "--preset", "ill-conditioned-scaled"]
    assert rows(*scaled, "--no-scale-features")[1] == rows(*scaled, "--scale-features", "off")[1] != rows(*scaled)[1]


def test_option_overrides_file_overrides_preset(rows, tmp_path):
    file = tmp_path / "run.toml"
    file.write_text("lr = 0.25\nsamples = 40\nepochs = 3\n")
    # full-batch gives the batch, the file lr and samples over it, the option the epochs over both.
    _, seen = rows("--epochs", 2, "--config", file, "--preset", "full-batch")
    assert seen == rows("--batch", "full", "--lr", 0.25, "--samples", 40, "--epochs", 2)[1]
    assert [row.get("lr") for row in seen] == [0.25, 0.25, None]
    assert rows("--preset", "full-batch", "--config", file)[1][-1]["updates"] == 3
    # An option that says what is the default goes over the preset as well.
    code, seen = rows("--preset", "full-batch", "--batch", 800, "--epochs", 2)
    assert (code, seen[:2]) == (0, rows("--batch", "full", "--epochs", 2)[1][:2])
    assert seen[-1]["config"]["batch"] == 800


def test_off_values_override_preset_and_file(rows, tmp_path):
    assert rows("--preset", "article-as-printed", "--round-epochs", "off", "--stop-on", "dataset") == rows()
    file = tmp_path / "run.toml"
    file.write_text('round_epochs = 2\ndata = ""\nepochs = 2\n')
    assert rows("--config", file, "--round-epochs", "off") == rows("--epochs", 2)


@pytest.mark.parametrize(
    "args",
    [
        ["--init", "-11/6,", "-395/3,", "-2400"],
        ["--init", "-11/6", "-395/3", "-2400"],
        ["--init", "-11/6,-395/3,-2400"],
        ["--init", "−11/6;", "−395/3;", "−2400"],
        ["--init", "-11/6", ",", "-395/3", ",", "-2400"],
    ],
)
def test_init_works_as_typed_without_quotes(rows, args):
    assert rows("--preset", "article-alternative", *args, "--epochs", 2) == rows("--epochs", 2)


@pytest.mark.parametrize("args", [["--true", "2,-4,3"], ["--true", "2,", "-4,", "3"], ["--true=2,-4,3"]])
def test_true_works_as_typed(rows, args):
    assert rows(*args, "--epochs", 1) == rows("--epochs", 1)


@pytest.mark.parametrize(
    ("args", "joined"),
    [
        (["run", "--lr", "0.5", "--epochs", "3"], ["run", "--lr", "0.5", "--epochs", "3"]),
        (["--init", "1,", "2,", "3", "--lr", "1"], ["--init", "1, 2, 3", "--lr", "1"]),
        (["--init=1,", "2,", "3"], ["--init=1, 2, 3"]),
        (["--x-min", "-1", "--x-max", "-0.5"], ["--x-min", "-1", "--x-max", "-0.5"]),
        (["--data", "1.csv", "--config", "a.toml"], ["--data", "1.csv", "--config", "a.toml"]),
        ([], []),
    ],
)
def test_only_consecutive_numbers_are_joined(args, joined):
    assert join_numbers(args) == joined
