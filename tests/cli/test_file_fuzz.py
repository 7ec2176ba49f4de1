"""Whatever stands in a file or is its name: a good run, or exit code 2 and one clear line; never anything else."""

import math
import os
import resource
from pathlib import Path

import pytest
from fuzzing import NAMES, check, fuzz, outcome
from hypothesis import given
from hypothesis import strategies as st
from tables import table
from trials import CHARACTERS

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.diagnosis.diagnose import diagnose
from quadfit_tui.core.model.task import make_task


@pytest.fixture
def file(tmp_path):
    """Writes a file of bytes or text; gives its name."""

    def file(content, name="file"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
        return path

    return file


# Configurations

BYTES = st.one_of(
    st.binary(max_size=300),
    st.text(CHARACTERS, max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.text(CHARACTERS, max_size=80).map(lambda text: text.encode("utf-16", "surrogatepass")),
    st.text(st.sampled_from("[]{}=\"'\\#.,\n\r\t\0\x1b 0123456789eEnaif+-_xtruefalse"), max_size=120).map(str.encode),
)
TOML = st.one_of(
    st.sampled_from(
        [
            "nan", "inf", "-inf", "+nan", "1e400", "-0.0", "1e-400", "true", "[]", "{}", "[[]]", "[1, 2]",
            "[1, 2, 3, 4]",
            "1979-05-27", "07:32:00", "1979-05-27T07:32:00Z", "0xffff", "0o17", "0b1", "1_000", "9" * 400,
            "9" * 5000,
            "0x" + "f" * 9000, "-" + "9" * 60, "{a = 1}", "[[1, 2], [3, 4]]", "[{a = 1}]", '["1", "2", "3"]',
            "[1, nan, 3]",
            '""', '" "', "''", '"\\u001b[31m"', '"\\u202e"', '"\\u0000"', '"nan"', '"１２"', '"½"', '"1\\n2"',
            '"' + "x" * 9000 + '"',
            '"1/0"', '"full"', '"random"', '"off"', '"yes"', "[true, false, true]", "'''\n\n'''", '"٣"', '"1,5"',
            '"1,000"', ".",
        ]
    ),
    st.integers(-(10**20), 10**20).map(str),
    st.floats().map(repr),
    st.text(CHARACTERS, max_size=20).map(lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'),
)  # fmt: skip
LINES = st.one_of(
    st.tuples(NAMES, TOML).map(" = ".join),
    st.tuples(NAMES, TOML).map(lambda pair: f"[{pair[0]}]\nx = {pair[1]}"),
    st.tuples(NAMES, NAMES, TOML).map(lambda three: f"{three[0]}.{three[1]} = {three[2]}"),
    st.tuples(st.text(CHARACTERS, max_size=9).map(repr), TOML).map(" = ".join),
    st.tuples(NAMES, TOML).map(lambda pair: f"[[{pair[0]}]]\nx = {pair[1]}"),
)
FILES = st.tuples(
    st.sampled_from([b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\0"]),
    st.lists(LINES, max_size=4),
    st.sampled_from(["\n", "\r\n", "\r", "\n\n", " "]),
).map(lambda parts: parts[0] + parts[2].join(parts[1]).encode("utf-8", "surrogatepass"))


@fuzz
@given(st.one_of(BYTES, FILES, FILES))
@pytest.mark.parametrize("option", ["--config", "--data"])
def test_no_bytes_upset_it(tmp_path, option, content):
    (tmp_path / "file").write_bytes(content)
    # What a good file asks for may take long: the options, which go over it, keep the run short.
    short = ["--samples", 5, "--batch", "full", "--epochs", 3] if option == "--config" else ["--epochs", 3]
    check("--", option, tmp_path / "file", *short)


# Tables

CELLS = st.one_of(
    st.sampled_from(
        ["1", "-2.5", "1,5", "1e3", "1e400", "-1e400", "nan", "inf", "-inf", "", " ", '"', '"1"', "x", "1/2", "½", "１"]
    ),
    st.sampled_from(
        [
            "9" * 400,
            "9" * 9000,
            "0x10",
            "1_0",
            "\x1b[31m",
            "\u202e1",
            "\0",
            "1e-400",
            "12:30",
            "2024-01-01",
            "#1",
            "x" * 9000,
        ]
    ),
    st.floats(allow_nan=False).map(repr),
    st.integers(-(10**40), 10**40).map(str),
    st.text(CHARACTERS, max_size=6),
)
TABLES = st.tuples(
    st.sampled_from(["", "x,y", "x;y", "# made", "\ufeff", "a,b,c", '"x","y']),
    st.lists(st.lists(CELLS, min_size=1, max_size=3), max_size=6),
    st.sampled_from([",", ";", "\t", " ", ", ", "|"]),
    st.sampled_from(["\n", "\r\n", "\r", "\n\n", "\x0b", "\x85", "\u2028"]),
    st.sampled_from(["utf-8", "utf-16", "utf-16-be", "latin-1", "utf-32"]),
)


def written(table):
    heading, rows, delimiter, end, encoding = table
    text = end.join([heading, *map(delimiter.join, rows)])
    return text.encode(encoding, "replace" if encoding == "latin-1" else "surrogatepass")


@fuzz
@given(TABLES.map(written))
def test_no_table_upsets_it(tmp_path, content):
    (tmp_path / "file.csv").write_bytes(content)
    check("--data", "--data", tmp_path / "file.csv", "--epochs", 2)


@fuzz
@given(st.lists(st.tuples(st.floats(-1e12, 1e12), st.floats(-1e12, 1e12)), min_size=1, max_size=4), st.data())
def test_every_good_table_runs(tmp_path, rows, data):
    (tmp_path / "file.csv").write_text("".join(f"{x!r},{y!r}\n" for x, y in rows))
    more = [f"--{name}={data.draw(st.sampled_from(words))}" for name, words in CHOICES.items()]
    rate = data.draw(st.sampled_from(["1e-6", "0.5", "1e6"]))
    assert not check("--", "--data", tmp_path / "file.csv", "--epochs=2", f"--lr={rate}", *more).startswith(
        "quadfit-tui: --"
    )


def test_samples_with_unbounded_rounding_error_train(file):
    odd = ["--scale-features", "--init=random", "--lr=1e6", "--epochs=2"]
    assert "--data" not in check("--", "--data", file("0,0\n4.001901333896758e-94,1\n"), *odd)


def test_diagnosis_with_infinite_condition_number(file):
    rows = file("0,-1e12\n3e-94,-1e12\n1e-94,1\n")
    config = RunConfig(data=str(rows), lr=0.5, batch="full", scale_features=True, init=(0, 0, 0), optimizer="momentum")
    assert diagnose(make_task(config)).condition == math.inf


CHOICES = {
    "optimizer": ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam"],
    "schedule": ["halve", "constant", "exponential", "cosine", "inverse-time"],
    "batch": ["1", "full"],
    "shuffle": ["yes", "no"],
    "scale-features": ["yes", "no"],
    "gradient": ["half", "full"],
    "init": ["random", "1e12,-1e12,1e12", "0,0,0"],
}


# Things that are no files


@table("option", ["--config", "--data", "--output"])
@table("text", ["\x1b[31mred", "\ud800", "x" * 5000, "a\0b", "/dev/zero", "a\nb", "\u202eabc"])
def test_no_name_of_a_file_upsets_it(tmp_path, monkeypatch, option, text):
    monkeypatch.chdir(tmp_path)
    check(option, f"{option}={text}", "--epochs=2", "--samples=5")


@pytest.fixture
def little_memory():
    """A gigabyte is left: who reads on and on has soon read enough."""
    statm, before = Path("/proc/self/statm"), resource.getrlimit(resource.RLIMIT_AS)
    if statm.exists():
        used = int(statm.read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + (1 << 30), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.mark.timeout(20)
@pytest.mark.usefixtures("little_memory")
@pytest.mark.parametrize("option", ["--config", "--data"])
@pytest.mark.parametrize(
    "kind",
    ["missing", "directory", "pipe", "device", "terminal", "endless", "locked", "loop", "huge", "no lines but ends"],
)
def test_unreadable_files_are_refused_quickly(tmp_path, option, kind):
    path = tmp_path / "it"
    match kind:
        case "directory":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)  # nobody ever writes into it
        case "device":
            path.symlink_to("/dev/tty")  # would wait for somebody who types
        case "terminal":
            path.symlink_to(os.ttyname(os.openpty()[1]))
        case "endless":
            path.symlink_to("/dev/zero")
        case "locked":
            path.write_text("lr = 1")
            path.chmod(0)
            if os.access(path, os.R_OK):
                pytest.skip("root may read everything")
        case "loop":
            path.symlink_to(path)
        case "huge":
            with path.open("wb") as file:
                file.truncate(100_000_000_000)  # of which none is on the disk
        case "no lines but ends":
            path.write_bytes(b"\n" * 20_000_000)

    code, out, err = outcome("run", option, path)
    assert (code, out) == (2, "")
    (line,) = err.splitlines()
    assert option in line
    assert "allowed: " in line
