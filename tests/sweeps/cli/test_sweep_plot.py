"""`sweep --plot`: a picture below the summary, or of a finished file alone; what is refused beforehand."""

import re

import pytest
from command_line import called, one_line
from tables import table

from quadfit_tui.cli.status_line import StatusLine
from quadfit_tui.sweeps.cli import sweep_plot

SWEEP = ["sweep", "--samples", 12, "--epochs", 20, "--lr", "0.01:1:6log", "--batch", 1, "--batch", "full", "--seeds", 2]
SEEDS = ["sweep", "--samples", 12, "--epochs", 20, "--noise", 0.01, "--tol", 0.01, "--seeds", 4]


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tmp_path_factory.mktemp("sweep") / "rates.csv"


@pytest.fixture
def sweep_file(call, file):
    """The file of a small sweep."""
    if not file.exists():
        assert call(*SWEEP, "--jobs", 1, "--output", file)[0] == 0
    return file


def test_picture_below_summary_matches_finished_file(call, tmp_path, sweep_file):
    code, out, _ = call(*SWEEP, "--jobs", 1, "-o", tmp_path / "again.csv", "--plot")
    assert code == 0
    summary, picture = out.split("batch  ")
    assert summary.startswith("24 runs: ")
    assert "Each place: the median of 2 runs, over seed." in picture
    assert call("sweep", "--from", sweep_file, "--plot") == (0, f"batch  {picture}", "")


@pytest.mark.parametrize(("progress", "wanted"), [("auto", True), ("none", False)])
def test_picture_progress_on_terminal(call, monkeypatch, progress, wanted):
    told = []

    class Line(StatusLine):
        def show_progress(self, text):
            told.append((self._wanted, text(0.0)))

        def __init__(self, wanted=True):
            super().__init__(wanted)
            self._wanted = wanted

    monkeypatch.setattr(sweep_plot, "StatusLine", Line)
    assert call(*SEEDS, "--jobs", 1, "--plot", "--progress", progress)[0] == 0
    assert {each for each, _ in told} == {wanted}
    shares = [int(text.removesuffix(" % of the picture computed")) for _, text in told]
    assert shares == sorted(shares)
    assert 0 < shares[len(shares) // 2] < 100


@table(
    ("varied", "words"),
    [
        (["--lr", "0.1:1:5"], ["learning rate", "epochs until below tol"]),
        (["--lr", "0.1:1:5", "--stop-on", "never"], ["learning rate", "mean loss at the end"]),
        (["--lr", "0.1:1:5", "--batch", 2, "--batch", "full"], ["learning rate", "batch", "epochs until below tol"]),
        ([], ["epochs done", "Median and quartiles over 4 seeds."]),
        (["--optimizer", "sgd", "--optimizer", "adam"], ["epochs done", "optimizer sgd", "optimizer adam"]),
    ],
)
def test_what_varies_decides_on_the_picture(call, varied, words):
    code, out, err = call(*SEEDS, *varied, "--shuffle", "--jobs", 1, "--plot", "--width", 100, "--progress", "none")
    assert (code, err) == (0, "")
    assert all(word in out for word in words), out


def test_stdin_samples_are_drawn():
    samples = "".join(f"{x},{x * x + x % 3}\n" for x in range(9)).encode()
    how = ["--shuffle", "--lr", 0.001, "-n", 3, "--seeds", 3, "--jobs", 1, "--plot", "--progress", "none"]
    done = called("sweep", "-d", "-", *how, stdin=samples)
    assert done.returncode == 0, done.stderr
    assert "Median and quartiles over 3 seeds." in done.stdout


def test_formats_share_their_words(call, tmp_path, sweep_file):
    files = {suffix: tmp_path / f"chart.{suffix}" for suffix in ("txt", "ansi", "svg")}
    for each in files.values():
        assert call("sweep", "--from", sweep_file, "--plot", "-o", each) == (0, "", "")
    text, ansi, svg = (each.read_text("utf-8") for each in files.values())
    plain = re.sub(r"\x1b\[[\d;]*m", "", ansi)
    assert plain != ansi
    assert len(text.splitlines()) == len(plain.splitlines()) == 24
    assert svg.startswith("<svg")
    assert "learning rate" in text
    assert "learning rate" in plain
    assert all(f">{word}</text>" in svg for word in ("learning", "rate"))


def test_width_theme_and_ascii_options(call, sweep_file):
    drawn = ["sweep", "--from", sweep_file, "--plot"]
    wide = call(*drawn, "--width", 100, "--ascii")[1]
    assert wide.isascii()
    assert 95 < max(map(len, wide.splitlines())) <= 100
    light, dark = (call(*drawn, "-f", "svg", "--theme", theme)[1] for theme in ("textual-light", "textual-dark"))
    assert 'fill="#ffffff"' in light != dark
    assert call(*drawn, "-f", "svg")[1] == light


@table(
    ("args", "says"),
    [
        (["--plot", "map"], "unexpected extra argument (map)"),
        ([], "--from has no effect without --plot"),
        (["--plot", "--lr", "0.1"], "--lr cannot be combined with --from"),
        (["--plot", "--resume"], "--resume cannot be combined with --from"),
        (["--plot", "-o", "chart.csv"], "'chart.csv' is for no picture; allowed with --plot: --format text, "),
        (["--plot", "-o", "chart.png"], "'chart.png' is for another kind of file; allowed with --plot: names "),
        (["--plot", "--theme", "nord"], "--theme has no effect without --format ansi or svg"),
        (["--plot", "-f", "svg", "--theme", "norf"], "'norf' is not one of the choices (did you mean 'nord'?)"),
        (["--plot", "--width", "5"], "'5' is too small; allowed: "),
        (["--plot", "--force"], "--force has no effect without --output FILE"),
    ],
)
def test_invalid_options_for_finished_file(call, sweep_file, args, says):
    code, out, err = call("sweep", "--from", sweep_file, *args)
    assert (code, out) == (2, "")
    assert says in one_line(err)


@table(
    ("args", "says"),
    [
        (["--plot", "--dry-run"], "--plot cannot be combined with --dry-run"),
        (["--theme", "nord", "--plot"], "--theme has no effect without --from FILE and --plot"),
        (["--width", "60"], "--width has no effect without --plot"),
        (["--plot", "-f", "svg"], "--format has no effect without --from FILE"),
    ],
)
def test_invalid_options_refused_before_training(call, tmp_path, args, says):
    output = [] if "--dry-run" in args else ["-o", tmp_path / "new.csv"]
    code, out, err = call(*SWEEP, *output, *args)
    assert (code, out, [*tmp_path.iterdir()]) == (2, "", [])
    assert says in one_line(err)


def test_the_picture_goes_where_no_table_does(call, tmp_path):
    code, _, err = call(*SWEEP, "-o", tmp_path / "new.svg")
    assert code == 2
    assert "new.svg' is for another kind of file; allowed: a name that ends in .csv, or -" in one_line(err)


@table(
    ("content", "says"),
    [
        (b"", "which is missing; allowed: the two files of a sweep"),
        (b"lr,epochs\n1,2\n", "which is missing; allowed: the two files of a sweep"),
        (None, "No such file or directory"),
    ],
)
def test_non_sweep_file_refused(call, tmp_path, content, says):
    other = tmp_path / ("none.csv" if content is None else f"{len(content)}.csv")
    if content is not None:
        other.write_bytes(content)
    code, out, err = call("sweep", "--from", other, "--plot")
    assert (code, out) == (2, "")
    assert f"{other.name}' " in one_line(err)
    assert says in err


def test_picture_never_overwrites_sweep(call, sweep_file):
    before = sweep_file.read_bytes()
    code, _, err = call("sweep", "--from", sweep_file, "--plot", "-f", "svg", "-o", sweep_file, "--force")
    assert code == 2
    assert one_line(err)
    assert sweep_file.read_bytes() == before
