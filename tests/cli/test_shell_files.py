"""The pages of man and the completions that the wheel brings: a page is the help, and what is in it can be copied."""

import re
import shutil
import subprocess

import click
import pytest
import shell_files
from command_line import ROOT
from documents import MANUAL
from tables import table
from trials import variants

from quadfit_tui.main import cli

FILES = shell_files.shell_files(ROOT)
PAGES = {name.removeprefix("man/man1/"): text for name, text in FILES.items() if name.startswith("man/")}
SECTIONS = ["NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "ARGUMENTS", "KEYS", "OPTIONS"]
SECTIONS += ["EXIT STATUS", "ENVIRONMENT", "FILES", "EXAMPLES"]
needs_man = pytest.mark.skipif(not shutil.which("man"), reason="needs man")


def commands(command=cli, *words):
    """Each command by the name of its page."""
    yield "-".join(("quadfit-tui", *words)) + ".1", command
    for name, below in getattr(command, "commands", {}).items():
        yield from commands(below, *words, name)


def read(page, folder, width=80, **environ):
    """What man shows of a page, and what it has to say about it."""
    (folder / "page.1").write_text(page, encoding="utf-8")
    words = ["man", "--warnings", "-l", "page.1"]
    done = subprocess.run(
        words, cwd=folder, env={"PATH": "/usr/bin:/bin", "MANWIDTH": str(width)} | environ, capture_output=True
    )
    return done.stdout.decode(), done.stderr.decode()


def test_every_command_has_page_with_options():
    assert dict(commands()).keys() == PAGES.keys()
    for name, command in commands():
        heads = [line.replace("\\-", "-") for line in PAGES[name].splitlines() if line.startswith(r"\fB")]
        bold = {word.rstrip(",") for line in heads for word in re.findall(r"\\fB(.+?)\\fR", line)}
        options = [option for param in command.params if isinstance(param, click.Option) for option in param.opts]
        assert [option for option in [*options, "-h", "--help"] if option not in bold] == []


@table("name", PAGES)
def test_sections_are_ordered_and_nonempty(name):
    parts = re.split(r'^\.SH "(.+)"\n', PAGES[name], flags=re.MULTILINE)
    found = parts[1::2]
    assert found == [title for title in [*SECTIONS, "SEE ALSO"] if title in found]
    assert {"NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "SEE ALSO"} <= {*found}
    assert all(text.strip() for text in parts[2::2])
    assert parts[2].startswith(name.removesuffix(".1").replace("-", r"\-") + r" \- ")


def test_pages_list_keys_examples_and_exit_codes():
    rows = dict(shell_files.rows_below("Keys", MANUAL["keys"]))
    assert rows["space"] == "play or pause"
    assert rows["[ ]"] == "jump back, forward ten epochs"
    assert (len(rows) > 25, rows["?"].partition(",")[0]) == (True, "the words of the first screen and all keys")
    assert '.SH "KEYS"\n.TP\n\\fBspace\\fR\nplay or pause\n' in PAGES["quadfit-tui.1"]
    assert "\\fB3\\fR\ndiverged: the numbers overflowed," in PAGES["quadfit-tui-run.1"]
    assert r"\fBquadfit\-tui run \-p momentum \-n 200 \-\-quiet\fR" in PAGES["quadfit-tui-run.1"]


def test_app_page_lists_files_and_environment():
    page = PAGES["quadfit-tui.1"]
    assert '.SH "FILES"\n.TP\n\\fB\\(ti/.config/quadfit\\-tui/settings.toml\\fR\nhow the app begins\n' in page
    assert '.SH "ENVIRONMENT"\n.TP\n\\fBTEXTUAL_THEME\\fR\nnames the theme, unless ' in page
    told = {
        word
        for names, _ in shell_files.rows_below("Environment variables", MANUAL["settings"])
        for word in names.split()
    }
    files = [path.read_text(encoding="utf-8") for path in (ROOT / "quadfit_tui").rglob("*.py")]
    read = {name for text in files for name in re.findall(r'environ(?:ment)?\.get\("([A-Z_]+)"', text)}
    # Those left out tell one terminal from another, as TERM does, where home is, or what the program itself has set.
    assert read - {"HOME", "USERPROFILE", "TERM_PROGRAM", "TMUX", "STY", "OPENBLAS_NUM_THREADS"} <= told


@table("name", PAGES)
def test_page_text_can_be_copied(name):
    """In roff a bare hyphen, quote, grave, caret or tilde may be shown as another character."""
    for line in PAGES[name].splitlines():
        assert line.isascii()
        if not line.startswith("."):
            assert not re.search(r"(?<!\\)-|['`^~]|\\(?![-&]|f[BIR]|\(|\[u)", line)
        assert re.match(r"\.(TH|SH|SS|TP|PP|nh)\b|[^.]", line)


@needs_man
@pytest.mark.parametrize("name", variants({name: name for name in PAGES}, 2))
def test_man_renders_without_warnings_in_80_columns(name, tmp_path):
    shown, complaints = read(PAGES[name], tmp_path, LC_ALL="C.UTF-8")
    assert complaints == ""
    assert max(map(len, shown.splitlines())) <= 80
    plain, complaints = read(PAGES[name], tmp_path, LC_ALL="C")
    assert (complaints, plain.isascii()) == ("", True)


@needs_man
def test_special_characters_in_help_are_escaped(tmp_path):
    hostile = ".so /etc/passwd it's 'so' \\fBold\\n `x` ~/a^2 --lr −4 “ü” …"
    command = click.Command("hostile", params=[click.Option(["--lr"], help=hostile)], help=hostile)
    page = shell_files.page(click.Context(command, info_name="hostile"), "2026-11-25", ["hostile", "other"])
    shown, complaints = read(page, tmp_path, width=200, LC_ALL="C.UTF-8")
    assert complaints == ""
    assert " ".join(shown.split()).count(hostile) == 3  # in NAME, too


def test_zsh_file_calls_completion_every_time():
    assert FILES["zsh/site-functions/_quadfit-tui"].endswith('}\n\n_quadfit_tui_completion "$@"\n')
    assert (
        "complete -o nosort -F _quadfit_tui_completion quadfit-tui" in FILES["bash-completion/completions/quadfit-tui"]
    )
    assert (
        "complete --keep-order --no-files --command quadfit-tui" in FILES["fish/vendor_completions.d/quadfit-tui.fish"]
    )
