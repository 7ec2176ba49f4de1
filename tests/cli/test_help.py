"""What the program says of itself: version, help and the list of presets."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import called
from tables import table

import quadfit_tui
from quadfit_tui.core.config.parameters import PARAMETERS, USED_BY, RunConfig
from quadfit_tui.core.config.presets import PRESETS, SUMMARIES
from quadfit_tui.core.config.value_types import Choice, FilePath, Flag
from quadfit_tui.core.text.width import cell_width
from quadfit_tui.main import cli

# The commands that take the parameters of a run, and the app.
OF_RUNS = [*([name] for name in cli.commands if any(param.name == "lr" for param in cli.commands[name].params)), []]


@pytest.fixture(scope="module", params=OF_RUNS, ids=str)
def words_of_help(request):
    """The words of the help of a command, in one line."""
    done = called(*request.param, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    return " ".join(done.stdout.split())


@table("name", list(PARAMETERS))
def test_every_parameter_is_in_help(words_of_help, name):
    words = words_of_help
    parameter = PARAMETERS[name]
    assert f" {parameter.option} " in words
    # Help is wrapped, maybe within a word: compare without blanks.
    assert parameter.help.replace(" ", "") in words.replace(" ", "")
    told = isinstance(parameter.value_type, Flag | FilePath)
    allowed = "" if told else f"({parameter.value_type.allowed})"
    assert f"{allowed}[{parameter.default_text}]".replace(" ", "") in words.replace(" ", "")
    assert words.count(parameter.value_type.allowed) <= (1 if isinstance(parameter.value_type, Choice) else 99)
    if name in USED_BY:
        told = f" {parameter.option} {parameter.placeholder} {', '.join(USED_BY[name].words)}: "
        assert told.replace(" ", "") in words.replace(" ", "")
    if isinstance(parameter.value_type, Flag):
        assert f"{parameter.option} / --no-{parameter.option[2:]} " in words
    else:
        assert f"{parameter.option} {parameter.placeholder} " in words
        assert not parameter.letter or f" -{parameter.letter}, {parameter.option} " in words


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_version(call, option):
    assert call(option) == (0, f"quadfit-tui {quadfit_tui.__version__}\n", "")


@pytest.mark.parametrize("args", [["--help"], ["run", "--help"], *([name, "-h"] for name in cli.commands), ["-h"]])
def test_help(call, args):
    code, out, err = call(*args)
    assert (code, err) == (0, "")
    assert out.startswith("Usage: quadfit-tui")
    assert max(map(len, out.splitlines())) < 130


def test_app_help_lists_commands_and_options(call):
    _, out, _ = call("--help")
    for word in ("run ", "presets ", "--speed", "--fps", "--view", "--theme", "--no-mouse", "--preset", "--config"):
        assert word in out


def test_help_names_every_view(call):
    from quadfit_tui.ui.views.view_table import VIEWS

    out = " ".join(call("--help")[1].split())
    assert f"initial view (one of {', '.join(VIEWS)}) [fit]" in out
    assert f"(one of {', '.join(VIEWS)}) [fit]" in " ".join(call("run", "--help")[1].split())


def test_run_help_lists_own_options(call):
    _, out, _ = call("run", "--help")
    for word in (
        "-f, --format",
        "--every",
        "-o, --output",
        "--plot [VIEW]",
        "-q, --quiet",
        "-p, --preset",
        "-c, --config",
    ):
        assert word in out
    assert "--fps" not in out
    assert "--output" not in call("--help")[1]


@pytest.mark.parametrize("command", OF_RUNS, ids=str)
def test_help_section_order(call, command):
    sections = [line[:-1] for line in call(*command, "--help")[1].splitlines() if re.fullmatch(r"\S.*:", line)]
    first = ["Examples"] if command else ["Commands", "Examples"]
    assert sections[: len(first)] == first
    assert sections[-1] == "Exit codes"


def test_presets_as_json_are_what_they_change(call):
    code, out, err = call("presets", "--format", "json")
    assert (code, err) == (0, "")
    listed = json.loads(out)
    assert [each["name"] for each in listed] == list(PRESETS)
    for each in listed:
        assert each["summary"] == SUMMARIES[each["name"]]
        assert RunConfig(**each["changes"]) == PRESETS[each["name"]]
    assert call("presets", "-f", "text") == call("presets")


def test_presets_list_options_that_can_be_copied(call):
    out = call("presets")[1]
    assert "--shuffle --" in out
    assert "yes" not in re.findall(r"--\S+ (\S+)", out)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_is_told_how_to_complete(completed, shell):
    assert f"_QUADFIT_TUI_COMPLETE={shell}_complete" in completed("", f"{shell}_source")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("pr", {"presets"}),
        ("run --no-", {"--no-shuffle", "--no-scale-features"}),
        ("run --preset article-m", {"article-minibatch"}),
        ("run --plot su", {"surface"}),
        ("run -f ", {"text", "article", "csv", "jsonl", "spoken", "ansi", "svg", "markdown"}),
        ("run --require ", {"converged", "optimum"}),
        ("run --with", {"--with-config"}),
        ("run --help --with", {"--with-config"}),
    ],
)
def test_a_shell_completes_commands_options_and_choices(completed, words, found):
    assert {line.partition(",")[2] for line in completed(words).splitlines()} == found


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("--theme textual-l", {"textual-light"}),
        ("run --theme textual-l", {"textual-light"}),
        ("--at ", {"start", "0", "99"}),
        ("--epochs 30 --at ", {"start", "0", "29"}),
        ("run --preset ill-conditioned --at 9", {"999"}),
        ("run --explain ", {"0", "99"}),
    ],
)
def test_a_shell_completes_themes_and_moments(completed, words, found):
    assert {line.partition(",")[2] for line in completed(words).splitlines()} == found


def test_ansi_theme_is_completed_where_supported(completed):
    assert "ansi-dark" in completed("--theme ")
    assert "ansi-dark" in completed("run -f ansi --theme ")
    assert "ansi" not in completed("run --theme ")


def test_completion_descriptions_are_not_cut(completed):
    def told(words, shell):
        out = completed(words, f"{shell}_complete")
        return dict(line.split("\t") for line in out.splitlines()) if shell == "fish" else out.splitlines()[2::3]

    assert "Train without the app, and print one line per epoch" in told("ru", "zsh")[0]
    lines = told("", "zsh")
    assert len(lines) == len(cli.commands)
    assert not [line for line in lines if line.endswith("...")]
    for name, command in cli.commands.items():
        words = " ".join(command.help.split("\n\n")[0].split())
        assert any(words.startswith(line.rstrip(".")) for line in lines), name
    assert told("run --preset noi", "zsh") == [SUMMARIES["noisy"]]


def test_a_shell_completes_files_itself(completed):
    assert completed("run --data x") == "file,x\n"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("run --optimizer=ada", {"--optimizer=adagrad", "--optimizer=adam"}),
        ("run --optimizer = ada", {"adagrad", "adam"}),  # as bash parts words
        ("run --optimizer =", {"sgd", "momentum", "adagrad", "rmsprop", "adam"}),
        ("run --optimizer = adam --plot = su", {"surface"}),
    ],
)
def test_completion_of_option_with_equals_sign(completed, words, found):
    """Zsh puts it in the place of the whole word, and fish leaves out what does not begin like it."""
    assert found <= {line.partition(",")[2] for line in completed(words).splitlines()}
    if "=" in words.split()[-1][1:]:
        assert found == {*completed(words, "zsh_complete").split()[1::3]}
    assert "compset -P 1 '-*='; _path_files -f\n" in completed("", "zsh_source")


def test_completion_of_packaged_example_files(completed):
    names = completed("run --data example").split()
    assert names == ["plain,example:galileo", "plain,example:outlier", "plain,example:pontius"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("run --data example :", "galileo outlier pontius"),  # the cursor is behind the colon
        ("run --data example : po", "pontius"),
        ("run --data = example : po", "pontius"),
        ("run --data example:po", "example:pontius"),  # without : in COMP_WORDBREAKS
        ("run --data=example:po", "--data=example:pontius"),
        ("run -d example : pontius --schedule = cos", "cosine"),
    ],
)
def test_bash_completion_respects_word_breaks(completed, words, found):
    assert completed(words).split() == [f"plain,{name}" for name in found.split()]


def test_fish_completion_keeps_commas_and_order(completed):
    """Click's script parts what is offered from its kind at the first comma, and drops what is behind a second one."""
    script = completed("", "fish_source")
    assert 'string split --max 1 "," $completion' in script
    assert "complete --keep-order --no-files" in script


@table("name", list(PRESETS))
def test_listed_changes_give_the_preset_when_typed(call, rows, name):
    lines = call("presets")[1].splitlines()
    (at,) = [number for number, line in enumerate(lines) if line.split()[0] == name]
    changes = lines[at + 1].split() if at + 1 < len(lines) and lines[at + 1].startswith(" ") else []
    assert rows(*changes, "--epochs", 3) == rows("--preset", name, "--epochs", 3)


def test_script_and_module_are_the_same_program():
    script = Path(sys.executable).with_name("quadfit-tui")
    if not script.exists():
        pytest.skip("not installed as a script")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == called("--version").stdout


@pytest.mark.parametrize("command", [["run"], []], ids=["run", "app"])
def test_chinese_help_fits_80_columns(command):
    lines = called("--lang", "zh_CN", *command, "--help").stdout.splitlines()
    assert max(map(cell_width, lines)) <= 80
    assert not [line for line in lines if line.lstrip().startswith(tuple("，。、；：！？）"))]
