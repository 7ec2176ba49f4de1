"""`quadfit-tui --sweep FILE`: what is refused, in one line, before the app starts."""

import pytest
from command_line import one_line
from tables import table

SWEEP = ["sweep", "--samples", 12, "--epochs", 5, "--lr", 0.1, "--lr", 1, "--jobs", 1]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return tmp_path_factory.mktemp("sweep")


@pytest.fixture
def there(call, files):
    """A folder with the file of a sweep, one that is cut, and others."""
    if not (files / "rates.csv").exists():
        assert call(*SWEEP, "-o", files / "rates.csv")[0] == 0
        whole = (files / "rates.csv").read_bytes()
        (files / "cut.csv").write_bytes(whole[: len(whole) // 2])
        (files / "cut.csv.toml").write_bytes((files / "rates.csv.toml").read_bytes())
        (files / "empty.csv").touch()
        (files / "other.csv").write_text("x,y\n1,2\n")
        (files / "noise.parquet").write_bytes(b"PAR1" + bytes(range(256)) * 4)
    return files


@table(
    ("args", "says"),
    [
        (["none.csv"], "none.csv' cannot be read: No such file or directory; allowed: "),
        (["empty.csv"], "empty.csv.toml', which is missing; allowed: the two files of a sweep"),
        (["other.csv"], "other.csv.toml', which is missing; allowed: "),
        (["cut.csv"], "cut.csv' is not finished: 2 of 2 runs are left; allowed: "),
        (["noise.parquet"], "noise.parquet.toml', which is missing"),
        ([""], "' cannot be read: Is a directory; allowed: "),
        (["rates.csv", "--lr", "3"], "--lr cannot be combined with --sweep"),
        (["rates.csv", "--preset", "momentum"], "--preset cannot be combined with --sweep"),
        (["rates.csv", "--data", "x.csv"], "--data cannot be combined with --sweep"),
        (["rates.csv", "--at", "3"], "--at cannot be combined with --sweep"),
        (["rates.csv"], "standard input is not a terminal"),
    ],
)
def test_what_cannot_be_opened_is_refused(call, there, monkeypatch, args, says):
    monkeypatch.chdir(there)
    before = (there / "rates.csv").read_bytes()
    code, out, err = call("--sweep", there / args[0], *args[1:])
    assert (code, out) == (2, "")
    assert says in one_line(err)
    assert (there / "rates.csv").read_bytes() == before


def test_dash_as_sweep_file_refused(call):
    code, _, err = call("--sweep", "-")
    assert (code, "'-' is the keyboard, which the app needs; allowed: a file" in one_line(err)) == (2, True)


@pytest.mark.parametrize("args", [["run", "--sweep", "x.csv"], ["--sweep", "x.csv", "run"]])
def test_option_only_for_the_app(call, args):
    code, _, err = call(*args)
    assert code == 2
    assert "--sweep only applies to the app, not to 'run'" in one_line(err)
    code, _out, err = call("--lr", "1", "presets")
    assert code == 2
    assert "--lr only applies to the app, 'run' and 'sweep', not to 'presets'" in one_line(err)
