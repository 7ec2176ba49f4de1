"""`run --plot VIEW --output FILE`: the view alone, as text, escape sequences or SVG."""

import re
from xml.etree import ElementTree

import pytest
from command_line import one_line
from full_disk import room
from tables import table
from trials import AT_LENGTH

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.config.view_names import VIEW_NAMES
from quadfit_tui.core.rate_map.pieces import whole_map
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.text.pronunciation import in_words
from quadfit_tui.ui.views.view_table import VIEWS

RUN = ["run", "--epochs", "3", "--plot"]
BRAILLE = re.compile("[\u2801-\u28ff]")
SVG = "{http://www.w3.org/2000/svg}"


def text_of(svg):
    """The characters of a drawing, put back into their cells."""
    rows = {}
    for element in ElementTree.fromstring(svg).iter(f"{SVG}text"):
        row = rows.setdefault(round((float(element.attrib["y"]) - 25) / 17), {})
        begin = round((float(element.attrib["x"]) - 12) / 8.4)
        row.update(enumerate(element.text, begin))
        assert float(element.attrib["textLength"]) == pytest.approx(8.4 * len(element.text))
    lines = []
    for number in range(max(rows) + 1):
        row = rows.get(number, {})
        lines.append("".join(row.get(at, " ") for at in range(max(row, default=-1) + 1)))
    return lines


@pytest.mark.parametrize("view", VIEW_NAMES if AT_LENGTH else ("fit", "update"))  # a chart and a page
def test_view_formats_show_same_characters(call, tmp_path, view):
    files = {suffix: tmp_path / f"chart.{suffix}" for suffix in ("txt", "ansi", "SVG")}
    for file in files.values():
        code, out, err = call(*RUN, view, "--output", file)
        assert (code, err) == (0, "")
        parabola, ending = out.splitlines()
        assert parabola.startswith("y = ")
        assert ending.startswith("finished: all 3 epochs are done")
    text, colored, drawn = (file.read_text(encoding="utf-8") for file in files.values())
    assert "\x1b[" in colored
    plain = re.sub(r"\x1b\[[\d;]*m", "", colored)
    assert (plain == text) is VIEWS[view].is_page
    assert bool(BRAILLE.search(plain)) is not VIEWS[view].is_page
    printed = call(*RUN, view, "--quiet")[1]
    assert not BRAILLE.search(text + printed)  # all lines in braille look alike
    assert text.splitlines()[0] in printed  # the legend
    # What is in SVG no text: cells without a dot, and halves of cells, which are rectangles there.
    shown = [re.sub("[\u2800▀▄]", " ", line).rstrip() for line in plain.splitlines()]
    assert text_of(drawn) == shown[: len(text_of(drawn))]
    assert not any(shown[len(text_of(drawn)) :])
    assert max(map(len, shown)) <= 80
    assert drawn.count("http") == 1  # nothing is loaded


def test_width_moment_and_view_options_apply(call, tmp_path):
    here, there = tmp_path / "here.txt", tmp_path / "there.txt"
    assert call("run", "--at", "1:2", "--plot", "fit:data", "--width", 60, "-o", here) == (0, "", "")
    assert call("run", "--at", "1:2", "--plot", "fit", "--width", 100, "--ascii", "-o", there) == (0, "", "")
    narrow, wide = here.read_text("utf-8").splitlines(), there.read_text("utf-8").splitlines()
    assert (len(narrow), len(wide)) == (18, 30)
    assert 60 >= max(map(len, narrow)) > 55 < 90 < max(map(len, wide)) <= 100
    assert "".join(wide).isascii()
    assert not "".join(narrow).isascii()


def test_picture_format_prints_only_the_picture(call, tmp_path):
    file = tmp_path / "chart"
    call(*RUN, "loss", "--format", "svg", "--output", file)
    assert call(*RUN, "loss", "--format", "svg") == (0, file.read_text(encoding="utf-8"), "")
    assert call(*RUN, "loss", "--format", "svg", "--output", "-")[1] == file.read_text(encoding="utf-8")


def test_a_theme_has_its_colors(call):
    light, dark = (call(*RUN, "-f", "svg", "--theme", theme)[1] for theme in ("textual-light", "textual-dark"))
    assert 'fill="#ffffff"' in light == call(*RUN, "-f", "svg")[1]
    assert 'fill="#ffffff"' not in dark
    assert text_of(light) == text_of(dark)
    own = call(*RUN, "-f", "ansi")[1]
    assert "\x1b[1;31m" in own
    assert "38;2;" not in own
    assert "38;2;" in call(*RUN, "-f", "ansi", "--theme", "nord")[1]


@pytest.mark.parametrize("words", [("--plot", "-f", "svg"), ("--explain", "3"), ("--at", "3", "-f", "csv")])
def test_full_disk_keeps_old_file(call, tmp_path, words):
    older, newer = tmp_path / "older", tmp_path / "newer"
    older.write_text("precious\n")
    for file in (older, newer):
        with room(20):
            code, _, err = call("run", *words, "--output", file, "--force")
        assert (code, f"'{file}' cannot be written: File too large" in one_line(err)) == (2, True)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"older": "precious\n"}


def test_a_divergence_has_its_picture_too(call, tmp_path):
    file = tmp_path / "chart.svg"
    code, out, err = call("run", "--preset", "too-fast", "--plot", "loss", "--output", file)
    assert (code, out) == (3, "")
    assert "diverged in epoch 6" in one_line(err)
    assert text_of(file.read_text(encoding="utf-8"))


@table(
    ("args", "says"),
    [
        (
            ["--format", "svg"],
            "--format svg is for a view, from 'run --plot'; allowed for epochs: --format with one of ",
        ),
        (["--output", "chart.svg"], "--output 'chart.svg' is for a view, from 'run --plot'; allowed for epochs: "),
        (["--explain", "1", "--format", "ansi"], "--explain only writes text, spoken or markdown; remove --form"),
        (["-o", "update.md"], "--output 'update.md' is for one update, from 'run --explain'; allowed for epochs: "),
        (
            ["--plot", "-o", "chart.PNG"],
            "--output 'chart.PNG' is for another kind of file; allowed with --plot: names that end in .txt, .ansi or",
        ),
        (["--explain", "1", "-o", "update.pdf"], "'update.pdf' is for another kind of file; allowed with --explain: "),
        (
            ["-o", "run.csv.gz"],
            "'run.csv.gz' is for another kind of file; allowed for epochs: names that end in .txt, .csv or .jsonl, or "
            "--format with one of text, article, csv, jsonl, spoken",
        ),
        (["-o", "run.toml"], "'run.toml' is for another kind of file; allowed for epochs: "),
        (["-o", "run.cast"], "'run.cast' is for another kind of file; allowed for epochs: "),
        (["--plot", "-f", "markdown"], "--format markdown is for one update, from 'run --explain'; allow"),
        (["--plot", "-f", "svg", "--every", "2"], "--every cannot be combined with --plot in a file of its own"),
        (["--plot", "-f", "svg", "--theme", "nrod"], "'nrod' is not one of the choices (did you mean 'nord'?); allow"),
        (["--plot", "-f", "svg", "--theme", "ansi-dark"], "'ansi-dark' is not one of the choices"),
        (["--plot", "--theme", "nord"], "--theme has no effect without --plot and --format ansi or svg"),
        (["--theme", "nord"], "--theme has no effect without --plot and --format ansi or svg"),
    ],
)
def test_meaningless_options_are_refused(call, args, says):
    code, out, err = call("run", "--epochs", 2, *args)
    assert (code, out) == (2, "")
    assert says in one_line(err)


OF_MAP = "run", "--preset", "momentum", "--samples", 24, "--quiet"


def test_map_plot_with_view_options(call):
    for words, name, told in (("", "momentum", "0.7"), (":batch", "batch", "24"), (":rho", "momentum", "0.7")):
        code, out, err = call(*OF_MAP, "--plot", f"map{words}", "--width", 100)
        assert (code, err) == (0, "")
        assert f"\n{name}  " in out
        assert re.search(rf"^learning rate 1, {name} {told}: a tenth is left after \S+ epochs", out, re.MULTILINE)
        assert out.count("@") == 2  # in the legend and on the map


def test_map_in_spoken_format(call):
    code, out, err = call(*OF_MAP, "--plot", "map", "--format", "spoken")
    assert (code, err) == (0, "")
    heard = " ".join(out.split())
    found = whole_map(RunSession(PRESETS["momentum"].replace(samples=24)).snapshot().task)
    assert heard.endswith(" ".join(in_words(found.summary()).split()))
    assert "@" not in out
    assert "Try" not in heard.partition("The fastest run is")[2]
    heard = call(*OF_MAP, "--plot", "fit", "--format", "spoken")[1]
    assert heard.endswith("\nThe view fit is a picture; of the views only map is told in sentences.\n")
