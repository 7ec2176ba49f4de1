"""`run --explain`: one update with its numbers, or one line about why there is none."""

import pytest
from tables import table

from quadfit_tui.main import main


@pytest.fixture
def call(capsys):
    """Runs the command line within the test's process; gives exit code, stdout and stderr."""

    def call(*args):
        with pytest.raises(SystemExit) as end:
            main(["run", *map(str, args)])
        return end.value.code, *capsys.readouterr()

    return call


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ("0", "Epoch 0, update 800 of 800 (update 800 of the run)"),
        ("15", "Epoch 15, update 800 of 800 (update 12800 of the run)"),
        ("15:3", "Epoch 15, update 3 of 800 (update 12003 of the run)"),
        ("0:1", "Epoch 0, update 1 of 800 (update 1 of the run)"),
        ("24:800", "Epoch 24, update 800 of 800 (update 20000 of the run)"),
    ],
)
def test_requested_update_replaces_log(call, asked, title):
    code, out, err = call("--explain", asked)
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == title
    assert "w ← w − lr·g" in out
    assert "epoch  gradient" not in out


def test_its_numbers_are_those_of_the_log(call):
    log = call("--format", "csv")[1].splitlines()
    a = float(log[1 + 3].split(",")[-3])
    told = next(line for line in call("--explain", 3)[1].splitlines() if line.startswith("a = "))
    assert float(told.rpartition("= ")[2]) == pytest.approx(a, rel=1e-8)


@table(
    ("asked", "says"),
    [
        ("", "is not a number"),
        ("100", "'100' is too large"),
        ("3:801", "'3:801' is too large"),
        ("start", "'start' is before the first update"),
    ],
)
def test_invalid_update_is_refused(call, asked, says):
    code, out, err = call(f"--explain={asked}")
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert "--explain" in err
    assert says in err
    assert "allowed: 0 to 99, or 0:1 to 99:800" in err


def test_update_past_end_is_refused(call):
    code, out, err = call("--explain", "25:1")
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert "'25:1' is past the end of the run; converged after 25 epochs: " in err


def test_an_update_beyond_a_divergence_is_one(call):
    code, out, err = call("--preset", "too-fast", "--explain", 90)
    assert (code, out) == (3, "")
    assert len(err.splitlines()) == 1
    assert err.startswith("quadfit-tui: --explain: '90' is past the end of the run; diverged in epoch 6, ")


def test_last_update_before_divergence_is_explained(call):
    code, out, _ = call("--preset", "too-fast", "--explain", "6:34")
    assert code == 0
    assert out.startswith("Epoch 6, update 34 of 800 (update 4834 of the run)\n")
    assert call("--preset", "too-fast", "--explain", "6:35")[0] == 3


@pytest.mark.parametrize("more", [("--every", 2), ("--quiet",), ("--plot",), ("--format", "csv")])
def test_epoch_options_are_refused(call, more):
    code, out, err = call("--explain", 1, *more)
    assert (code, out) == (2, "")
    assert more[-1 if more[0] == "--format" else 0] in err
    assert "cannot be combined with --explain" in err or "only writes text" in err


@pytest.mark.parametrize(
    ("name", "what"),
    [("update.csv", "epochs"), ("update.jsonl", "epochs"), ("UPDATE.SVG", "a view, from 'run --plot'")],
)
def test_wrong_file_suffix_is_refused(call, tmp_path, name, what):
    path = tmp_path / name
    code, out, err = call("--explain", "0:1", "--output", path)
    assert (code, out) == (2, "")
    assert f"{name}' is for {what}; allowed with --explain: --format with one of text, " in err
    assert not path.exists()
    assert call("--explain", "0:1", "--format", "text", "--output", path) == (0, "", "")


def test_it_goes_to_a_file(call, tmp_path):
    path = tmp_path / "update.txt"
    assert call("--explain", "1:2", "--output", path) == (0, "", "")
    assert path.read_text(encoding="utf-8") == call("--explain", "1:2")[1]


def test_markdown_file_has_latex(call, tmp_path):
    path = tmp_path / "update.md"
    assert call("--explain", "1:2", "--output", path) == (0, "", "")
    written = path.read_text(encoding="utf-8")
    assert written.startswith("# Epoch 1, update 2 of 800 (update 802 of the run)\n\n")
    assert "\n- $w \\leftarrow w - \\mathrm{lr} \\cdot g$\n" in written
    assert call("--explain", "1:2", "--format", "markdown") == (0, written, "")
    code, _, err = call("--explain", "1:2", "--output", path)
    assert code == 2
    assert "it already has content" in err
    assert call("--explain", "1:2", "--format", "markdown", "--ascii")[1].isascii()


def test_an_update_can_be_heard_too(call, tmp_path):
    code, out, err = call("--explain", "0:1", "--format", "spoken")
    assert (code, err) == (0, "")
    assert "a goes from minus 1.83 to 1140." in out.splitlines()
    assert call("--explain", "0:1", "-f", "spoken", "--output", tmp_path / "file") == (0, "", "")
    assert (tmp_path / "file").read_text() == out
