"""The option --output: what the file gets, and which names are refused."""

import os

import pytest
from command_line import called, full_device, one_line


def test_refused_run_keeps_existing_output_file(call, tmp_path):
    file = tmp_path / "old.csv"
    file.write_text("precious\n")
    assert call("run", "--lr", "nan", "--output", file)[0] == 2
    assert call("run", "--data", "/absent", "--output", file)[0] == 2
    assert file.read_text() == "precious\n"


@pytest.mark.parametrize(
    "more",
    [[], ["--quiet", "--format", "text"], ["--explain", "0:1", "--format", "text"], ["--plot", "--format", "svg"]],
)
def test_nonempty_file_is_overwritten_only_with_force(call, tmp_path, more):
    file = tmp_path / "old.csv"
    file.write_text("precious\n")
    args = ["run", "--epochs", 2, *more]
    code, out, err = call(*args, "--output", file)
    assert (code, out) == (2, "")
    line = one_line(err)
    assert (
        f"'{file}' cannot be written: it already has content; allowed: another file, or --force to overwrite it" in line
    )
    assert file.read_text() == "precious\n"
    assert call(*args, "--output", file, "--force")[0] == 0
    written = file.read_text()
    assert written
    assert "precious" not in written
    file.write_text("")  # nothing is lost
    assert call(*args, "-o", file)[0] == 0
    assert file.read_text() == written


def test_force_without_output_file_is_refused(call):
    code, out, err = call("run", "--force")
    assert (code, out) == (2, "")
    assert "--force has no effect without --output FILE" in one_line(err)


def test_epochs_to_file_outcome_to_stdout(call, tmp_path):
    file = tmp_path / "run.jsonl"
    _, expected, _ = call("run", "--format", "jsonl", "--epochs", 3)
    code, out, err = call("run", "--format", "jsonl", "--epochs", 3, "--output", file)
    assert (code, err) == (0, "")
    assert file.read_text() == expected
    assert out.startswith("finished: all 3 epochs are done")
    assert len(out.splitlines()) == 1


def test_output_file_of_a_divergence_is_kept(call, tmp_path):
    file = tmp_path / "run.csv"
    code, out, err = call("run", "--preset", "too-fast", "--format", "csv", "--output", file)
    assert (code, out) == (3, "")
    assert "diverged" in one_line(err)
    assert len(file.read_text().splitlines()) == 7


def test_csv_output_leaves_plot_on_stdout(call, tmp_path):
    file = tmp_path / "run.csv"
    code, out, _ = call("run", "--epochs", 2, "--format", "csv", "--plot", "--output", file)
    assert code == 0
    assert "fitted" in out
    assert len(file.read_text().splitlines()) == 3


@pytest.mark.parametrize(
    ("name", "args", "first"),
    [
        ("a.CSV", [], "epoch,lr,"),
        ("a.jsonl", [], '{"epoch": 0,'),
        ("a.txt", [], "epoch       lr "),
        ("a", [], "epoch       lr "),
        ("b.txt", ["--format", "article"], "epoch  gradient"),
        ("a.csv", ["--format", "jsonl"], '{"epoch": 0,'),
    ],
)
def test_format_follows_suffix_unless_given(call, tmp_path, name, args, first):
    assert call("run", "--epochs", 1, "--output", tmp_path / name, *args)[0] == 0
    assert (tmp_path / name).read_text().startswith(first)


def test_a_dash_is_standard_output(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert call("run", "--epochs", 2, "--output", "-") == call("run", "--epochs", 2)
    assert not list(tmp_path.iterdir())


def test_long_output_file_equals_stdout(call, tmp_path):
    file, args = tmp_path / "run.csv", ["run", "--format", "csv", "--epochs", 3000, "--stop-on", "never", "--every", 7]
    _, out, _ = call(*args)
    assert call(*args, "--output", file)[0] == 0
    assert file.read_text() == out
    assert [int(line.split(",")[0]) for line in out.splitlines()[1:]] == [*range(0, 3000, 7), 2999]


@pytest.mark.parametrize(
    ("name", "mode", "style"),
    [
        *[("/dev/stdout", "w", "jsonl"), ("/dev/fd/1", "a", "csv"), ("/proc/self/fd/1", "w", "csv")],
        *[("itself", "w", "jsonl"), ("itself", "a", "csv")],
    ],
)
def test_path_to_stdout_works_like_dash(call, tmp_path, name, mode, style):
    """Written to by two openings of it, a file would have one over the other."""
    if name != "itself" and not os.path.exists(name):
        pytest.skip(f"this system has no {name}")
    file, args = tmp_path / "lines", ["run", "--epochs", "2", "--format", style]
    _, expected, _ = call(*args)
    file.write_text("kept\n")
    with file.open(mode) as stdout:
        done = called(*args, "--output", file if name == "itself" else name, stdout=stdout.fileno())
    assert (done.returncode, done.stderr) == (0, "")
    assert file.read_text() == ("kept\n" if mode == "a" else "") + expected


def test_stderr_path_gets_rows_then_message(call, tmp_path):
    file = tmp_path / "lines"
    with file.open("w") as stderr:
        args = ["run", "--preset", "too-fast", "--format", "csv"]
        done = called(*args, "--output", file, stderr=stderr.fileno())
    assert (done.returncode, done.stdout) == (3, "")
    *lines, last = file.read_text().splitlines()
    assert lines == call(*args)[1].splitlines()
    assert last.startswith("quadfit-tui: diverged")


@pytest.mark.parametrize("option", ["--output", "--data", "--config"])
@pytest.mark.parametrize("name", ["own.csv/", "."])
def test_directory_path_is_refused(call, tmp_path, monkeypatch, option, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.csv").write_text("0,1\n1,2\n2,4\n")
    code, out, err = call("run", "--epochs", 2, option, name)
    assert (code, out) == (2, "")
    assert option in err
    assert f"{name!r} cannot be " in err
    assert ": it names a directory; allowed: a" in one_line(err)
    assert [path.name for path in tmp_path.iterdir()] == ["own.csv"]


def test_pipe_without_reader_is_refused(call, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    code, out, err = call("run", "--epochs", 2, "--output", tmp_path / "pipe")
    assert (code, out) == (2, "")
    assert "pipe' cannot be written: the pipe has no reader; allowed: a file" in one_line(err)


def test_dangling_link_reports_no_such_file(call, tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "absent" / "file")
    code, _, err = call("run", "--epochs", 2, "--output", tmp_path / "link")
    assert code == 2
    assert "link' cannot be written: No such file or directory; allowed: a file" in one_line(err)


@full_device
def test_full_disk_is_one_line_error(call):
    code, out, err = call("run", "--output", "/dev/full")
    assert (code, out) == (2, "")
    line = one_line(err)
    assert line == "quadfit-tui: --output: '/dev/full' cannot be written: No space left on device"  # no invalid value


@pytest.mark.parametrize("command", [["run"], []], ids=["run", "app"])
@pytest.mark.parametrize("option", ["--data", "--config"])
def test_output_never_overwrites_run_input(call, tmp_path, command, option):
    file = tmp_path / "own"
    file.write_text("0 1\n1 2\n2 4\n" if option == "--data" else "epochs = 2\n")
    before = file.read_text()
    code, out, err = call(*command, option, file, "--output", tmp_path / "." / "own")
    assert (code, out) == (2, "")
    assert "--output" in one_line(err)
    assert file.read_text() == before
