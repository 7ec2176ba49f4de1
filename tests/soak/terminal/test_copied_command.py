"""The command that `Y` copies, given to another process: the same w to the last bit, and the same screen."""

import base64
import gzip
import json
import re
import shlex
from pathlib import Path

import pytest
from command_line import called, started
from configurations import MOST_SAMPLES, configurations
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st
from trials import FOR_RELEASE, SEED

from quadfit_tui.core.config.parameters import PARAMETERS, RunConfig
from quadfit_tui.core.config.presets import PRESETS

SIZES = ((24, 80), (45, 140), (60, 200), (12, 40))
NOT_YET = re.compile(r"RUNNING|training up to|going to|computing the limit|computing the map …")
COPIED = re.compile(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07")
# Files of samples with names that a shell could misread: delimiter, decimal point, how they are encoded, --encoding.
FILES = {
    "plain.csv": (",", ".", "utf-8", "auto"),
    "two words; it's $HOME.csv": (";", ",", "utf-8-sig", "auto"),
    "höhe.tsv": ("\t", ".", "utf-16", "auto"),
    "-d.txt": (" ", ".", "ascii", "utf-8"),
    "alt.csv": (";", ".", "latin-1", "latin-1"),
    "packed.csv.gz": (",", ".", "utf-8", "utf-8"),
}
COLUMNS = (None, ("x of it", "größe, y"), ("2", "1"), ("größe, y", "1"))
OF_THE_APP = ("--trained-to", "--view", "--unit", "--speed")
HOME, END, ESCAPE = "\x1b[H", "\x1b[F", "\x1b"
FORGET = "t\x1b[Ax"  # the run before this one


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder of FILES, in which the programs are started."""
    made = tmp_path_factory.mktemp("data")
    for number, (name, (delimiter, point, encoding, _)) in enumerate(FILES.items()):
        rows = [[(i - 5) / 7, (i * i - number * i) / 3] for i in range(MOST_SAMPLES)]
        lines = [delimiter.join(f"{value!r}".replace(".", point) for value in row) for row in rows]
        if delimiter != " ":
            lines.insert(0, delimiter.join(["x of it", '"größe, y"']))
        content = "".join(f"{line}\n" for line in lines).encode(encoding)
        (made / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return made


@st.composite
def runs(draw):
    """A configuration of a short run, of samples that are made or in one of FILES."""
    config = draw(configurations())
    if draw(st.booleans()):
        return config
    name = draw(st.sampled_from([*FILES]))
    columns = draw(st.sampled_from(COLUMNS if FILES[name][0] != " " else (None, ("2", "1"))))
    return config.replace(data=name, encoding=FILES[name][3], columns=columns, skip=0)


@st.composite
def ways(draw, config):
    """Keys that lead to a moment of a run, or of one that goes on from there."""
    count = MOST_SAMPLES if config.data else config.samples
    per_epoch = 1 if config.batch == "full" else max(1, count // config.batch)
    epochs, updates = st.integers(0, config.epochs - 1), st.integers(0, per_epoch)
    moments = st.builds(lambda epoch, update: f"g{epoch}:{update}\r" if update else f"g{epoch}\r", epochs, updates)
    travels = st.lists(moments | st.sampled_from([HOME, END, "e", "B", "b", "]", "["]), max_size=4)
    way = draw(travels)
    if draw(st.booleans()):
        # Earlier runs stay behind: they are forgotten here.
        way += ["c", FORGET, *draw(travels)]
    # Lines that the log has of updates made one by one stay behind, but for the one that is visited.
    return way + draw(st.sampled_from([[], ["n"]]))


looks = st.lists(st.sampled_from("123456vzoxhu+-"), max_size=6).map("".join)


def options(config):
    """The options that give a configuration."""
    base = PRESETS["own-data"] if config.data else RunConfig()
    names = [name for name in PARAMETERS if name not in config.unused and getattr(config, name) != getattr(base, name)]
    return [word for name in names for word in PARAMETERS[name].as_argv(getattr(config, name))]


def rests(app):
    """Waits until all has been worked out: on a busy machine, a silent program may only wait for its turn."""
    app.wait(lambda: " y = " in app.text and not NOT_YET.search(app.text), "it does not come to rest")
    app.quiet(0.1)
    app.wait(lambda: not runs_on(app.pid))
    app.quiet(0.1)


def runs_on(pid):
    """Whether a thread of a process has something to do."""
    states = [stat.read_text().rpartition(")")[2].split()[0] for stat in Path(f"/proc/{pid}/task").glob("*/stat")]
    return "R" in states


def copied(app):
    """The command that Y copies; what is told of that is on the screen from then on."""
    before = len(app.output)
    app.send("Y")
    app.wait(lambda: COPIED.search(app.output, before), "nothing is copied")
    app.until("Copied to the clip")
    return base64.b64decode(COPIED.search(app.output, before)[1]).decode()


def picture(app):
    """What is seen of each cell, but for the number of the run in the list of runs, which counts those before it."""
    rows = []
    for y, text in enumerate(app.display.display):
        row = [seen(app.display.buffer[y][x]) for x in range(app.display.columns)]
        if number := re.match(r"│ > \d", text):
            row[number.end() - 1] = None
        rows.append(row)
    return rows


def seen(cell):
    """A cell; of a blank one its background alone, whatever would be written in it."""
    return cell._replace(fg="", bold=False) if cell.data == " " and not any(cell[4:]) else cell


@pytest.mark.parametrize("part", range(10 if FOR_RELEASE else 1))
def test_copied_command_reproduces_w_and_screen(terminal, folder, monkeypatch, part):
    """In parts of ten, for as many processes as there are."""
    monkeypatch.chdir(folder)

    @seed(SEED + part)
    @settings(max_examples=10, phases=[Phase.generate], derandomize=False)
    @given(config=(drawn := st.shared(runs())), way=drawn.flatmap(ways), looks=looks, size=st.sampled_from(SIZES))
    def test(config, way, looks, size):
        compare(terminal, config, way, looks, size)

    test()


def compare(terminal, config, way, looks, size):
    app = terminal(*options(config), size=size, answers=True)
    rests(app)
    for keys in way:
        app.send(keys)
        if keys == FORGET:
            app.until("There is no other run")
            app.send(ESCAPE)
            app.wait(lambda: "There is no other run" not in app.text)
    app.send(looks)
    rests(app)
    line = copied(app)
    program_name, *args = shlex.split(line)
    assert program_name == "quadfit-tui"
    again = terminal(*args, size=size, answers=True)
    rests(again)
    if "The command for" not in app.text:  # which stays, where a note does not
        copied(app)
    assert copied(again) == line
    for _ in range(80):  # the rest of the diagnosis may take some time
        if picture(app) == picture(again):
            break
        app.read(0.05)
        again.read(0.05)
    assert re.sub("(?m)^│ > 2", "│ > 1", app.text) == again.text  # not a row of the log, which may be "> 22:1"
    assert picture(app) == picture(again)
    again.close()
    if "--at" in args and "start" not in args:
        w = json.loads(called("run", *of_run(args), "-f", "jsonl").stdout)["w"]
        assert [value.hex() for value in w] == [value.hex() for value in continued(app, line) or w]
    app.close()


def of_run(args):
    """The options of a command that `run` has, too."""
    left = [at for at, word in enumerate(args) if word in OF_THE_APP]
    return [word for at, word in enumerate(args) if at not in left and at - 1 not in left]


def continued(app, line):
    """w of the app to the last bit: the start of a run from there; None where no run can start."""
    app.send(ESCAPE)
    app.wait(lambda: "The command for" not in app.text)
    app.send("c")
    app.read(0.1)
    words = shlex.split(copied(app))
    return None if words == shlex.split(line) else started(*words[1:]).session.config.init
