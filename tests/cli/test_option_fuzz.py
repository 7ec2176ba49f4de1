"""Whatever stands behind an option: a good run, or exit code 2 and one clear line; never anything else."""

import re

from fuzzing import NAMES, TEXTS, check, fuzz
from hypothesis import example, given
from tables import table

from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.config.value_types import Flag


@fuzz
@given(NAMES, TEXTS)
@example("columns", "\r0")
def test_no_text_behind_an_option_upsets_it(name, text):
    short = {"samples": "5", "epochs": "2", "batch": "full"}
    option = PARAMETERS[name].option
    others = [f"--{each}={value}" for each, value in short.items() if each != name]
    if name == "samples" and re.fullmatch(r"\d{5,}", text):
        return  # good, and long
    if name == "epochs":
        others.append("--stop-on=never")
        if re.search(r"\d{4}|e", text):
            return
    if isinstance(PARAMETERS[name].value_type, Flag) and text.startswith("-"):
        option = "--"  # such a text is another option
    check(option, f"{PARAMETERS[name].option}={text}", *others)


@table("option", ["--format", "--every", "--explain", "--at", "--output", "--preset", "--config"])
@table("text", ["\x1b[31mred", "a\nb\x07", "\u202eabc", "\ud800", "x" * 100_000, "nan", "-1", "1:2:3"])
def test_no_text_behind_other_options_upsets_it(tmp_path, monkeypatch, option, text):
    monkeypatch.chdir(tmp_path)
    check(option, f"{option}={text}", "--epochs=2", "--samples=5", quiet=option not in ("--explain", "--at"))
