"""The language of the command line: by --lang, the settings, the environment; files for programs are as ever."""

import gettext
import os
from pathlib import Path

import click
import pytest
from command_line import one_line
from locales import catalogue
from tables import table

from quadfit_tui.cli.language_choice import language_for
from quadfit_tui.cli.parsing.help import WORDS_OF_CLICK
from quadfit_tui.core.files import access
from quadfit_tui.core.text import language
from quadfit_tui.core.text.width import cell_width

CHINESE = {
    "y = {polynomial}": "y = {polynomial}",
    "{value} {problem}": "{value} {problem}",
    "is too small": "太小",
    "{parameter} makes no difference with {choices}": "{parameter}在{choices}时不起作用",
    "Usage:": "用法：",
    "Invalid value for {param_hint}: {message}": "{param_hint} 的值不行：{message}",
    "Show this message and exit.": "显示这段帮助，然后退出。",
    "List the presets and what each one changes.": "列出所有预设，以及每个预设改了什么。",
    "Got unexpected extra argument ({args})\0Got unexpected extra arguments ({args})": "多了一个参数（{args}）\0多了",
    "{heading}:": "{heading}：",
    "Commands": "命令",
    "Train without the app, and print one line per epoch.": "不打开程序界面，直接训练，" * 12 + "\n\n第二段。",
    "the article's run": "文章里的那次训练",
}
UTF8 = {"LANG": "zh_CN.UTF-8", "TERM": "xterm"}


@pytest.fixture(autouse=True)
def _chinese(tmp_path, monkeypatch):
    """There is a catalogue, and afterwards it is as before."""
    folder = tmp_path / "locale/zh_CN/LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "quadfit_tui.mo").write_bytes(catalogue(**CHINESE))
    monkeypatch.setattr(language, "FOLDER", str(tmp_path / "locale"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("LANGUAGE", "")
    domain = gettext.textdomain()
    yield
    gettext.textdomain(domain)
    language.install_catalog(None)
    access.configure()


@pytest.fixture
def keep(tmp_path):
    def keep(text):
        folder = tmp_path / "config/quadfit-tui"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "settings.toml").write_text(text)

    return keep


@table(
    ("args", "saved", "environ", "encoding", "code"),
    [
        ("", None, {}, "utf-8", "en"),
        ("", None, UTF8, "utf-8", "zh_CN"),
        ("", "en", UTF8, "utf-8", "en"),
        ("", "zh_CN", {}, "UTF-8", "zh_CN"),
        ("--lang en", "zh_CN", UTF8, "utf-8", "en"),
        ("--lang zh_CN", "en", {}, "utf-8", "zh_CN"),
        ("run --lang=zh", "en", {}, "utf-8", "zh_CN"),
        ("--lang en run --lang zh_TW", None, {}, "utf-8", "zh_CN"),
        ("run --lang", "zh_CN", {}, "utf-8", "zh_CN"),  # refused later
        ("--lang xx", "zh_CN", {}, "utf-8", "zh_CN"),  # likewise, in the language of the settings
        ("lessons play -- --lang en", None, UTF8, "utf-8", "zh_CN"),
        ("--language en", None, UTF8, "utf-8", "zh_CN"),
        ("", None, {**UTF8, "TERM": "linux"}, "utf-8", "en"),
        ("", "zh_CN", {**UTF8, "TERM": "linux"}, "utf-8", "en"),
        ("--lang zh_CN", None, {"TERM": "linux"}, "utf-8", "zh_CN"),
        ("", "zh_CN", UTF8, "gb18030", "en"),
        ("", "zh_CN", {"LANG": "zh_CN.GB18030"}, "utf-8", "en"),
        ("--lang zh_CN", None, {}, "ascii", "zh_CN"),
        ("", None, UTF8, None, "en"),
        ("", None, UTF8, "no such one", "en"),
        ("", None, {"LANG": "C"}, "utf-8", "en"),
        ("", None, {"LANG": "zh_CN.UTF-8", "LANGUAGE": "en"}, "utf-8", "en"),
    ],
)
def test_which_language(args, saved, environ, encoding, code):
    assert language_for(args.split(), lambda: saved, environ, encoding) == code


@pytest.mark.parametrize("args", [["--lang", "xx"], ["run", "--lang", "xx"], ["presets", "--lang=xx"]])
def test_unknown_language_is_refused(call, args):
    code, out, err = call(*args)
    assert (code, out) == (2, "")
    told = "Invalid value for '--lang': 'xx' is not one of the choices; allowed: one of en, zh_CN"
    assert one_line(err) == f"quadfit-tui: {told}"


def test_lang_option_translates_help_and_refusals(call):
    code, out, err = call("presets", "--help", "--lang", "zh_CN")
    assert (code, err) == (0, "")
    assert "列出所有预设，以及每个预设改了什么。" in out
    code, out, err = call("--lang", "zh", "run", "--lr", "-1")
    assert (code, out) == (2, "")
    assert "太小" in one_line(err)


def test_the_settings_name_one_for_every_command(call, keep, monkeypatch):
    monkeypatch.delenv("LANGUAGE")
    keep("# language: of everything\nspeed = 30\n")
    assert "List the presets" in call("presets", "--help")[1]
    keep('speed = 30\nlanguage = "zh-CN"\n')
    assert "List the presets" in call("presets", "--help", "--lang", "en")[1]
    assert language.current_language() == "en"
    assert "列出所有预设" in call("presets", "--help")[1]
    assert (language.current_language(), os.environ["LANGUAGE"]) == ("zh_CN", "zh_CN")


@table(
    "text", ['language = "xx"\n', "language = 1\n", "language = \n", 'language = "auto"\n', "[x]\nlanguage = 'zh'\n"]
)
def test_invalid_setting_falls_back_to_environment(call, keep, text):
    keep(text)
    assert call("run", "--quiet", "--epochs", "1")[0] == 0
    assert language.current_language() == "en"


@pytest.mark.parametrize("format", ["csv", "jsonl"])
def test_csv_and_jsonl_are_language_independent(call, format):
    english = call("run", "--format", format, "--epochs", "2")
    assert call("--lang", "zh_CN", "run", "--format", format, "--epochs", "2") == english
    assert language.current_language() == "zh_CN"


def test_help_is_wrapped_and_cut_by_columns(call):
    code, out, err = call("--help", "--lang", "zh_CN")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith("用法：quadfit-tui")
    assert "命令：" in lines
    (cut,) = [line for line in lines if line.startswith("  run ")]
    assert cut.endswith("…")
    assert max(map(cell_width, lines)) <= 78
    text = call("run", "--help", "--lang", "zh_CN")[1]
    assert "不打开程序界面，直接训练，" * 12 in text.replace("\n", "").replace(" ", "")
    assert "\n\n  第二段。\n" in text
    assert max(map(cell_width, text.splitlines())) <= 78


def test_click_messages_are_translated(call, keep):
    keep('language = "zh"\n')
    assert one_line(call("run", "--lr", "-1")[2]).startswith("quadfit-tui: '--lr' 的值不行：'-1' 太小")
    assert one_line(call("run", "x")[2]).startswith("quadfit-tui: 多了一个参数（x）: this command takes options only")


def test_the_words_of_click_are_clicks():
    source = "".join(path.read_text() for path in Path(click.__file__).parent.glob("*.py"))
    texts = [text for each in WORDS_OF_CLICK for text in ([each] if isinstance(each, str) else each)]
    assert [text for text in texts if f'"{text}"' not in source] == []
