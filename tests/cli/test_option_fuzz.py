"""Whatever stands behind an option: a good run, or exit code 2 and one clear line; never anything else."""

import re

from fuzzing import NAMES, check, check_sweep, fuzz
from hypothesis import example, given
from hypothesis import strategies as st
from tables import table
from trials import CHARACTERS

from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.config.value_types import Flag

TEXTS = st.one_of(
    st.sampled_from(
        [
            "", " ", "nan", "inf", "-inf", "1e400", "-1", "0", "1e-400", "½", "１２", "٣", "1_0", "0x10", "1,5",
            "1,000", "1/0", "1/3/5",
            "\x1b[31mred\x1b[0m", "a\nb", "a\rb", "\u202e1", "\x07", "\x9b1m", "\ud800", "9" * 400, "9" * 5000,
            "x" * 100_000,
            "1,2,3", "1;2;3", "1 2 3", "(1, 2, 3)", "1,2", "nan,1,2", "full", "off", "random", "yes", "--lr", "-",
            "--", "{}", "[bold]",
        ]
    ),
    st.text(CHARACTERS, max_size=12),
    st.floats().map(repr),
    st.integers(-(10**30), 10**30).map(str),
)  # fmt: skip


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


@fuzz
@given(NAMES, TEXTS, st.sampled_from(["{}", "{}:1:3", "1:{}:3", "1:2:{}", "1:2:{}log"]))
def test_no_text_in_a_range_of_a_sweep_upsets_it(name, text, form):
    short = {"samples": "5", "epochs": "2", "batch": "full"}
    others = [f"--{each}={value}" for each, value in short.items() if each != name]
    if name in ("samples", "epochs") and re.search(r"\d{4}|e|\d/", text):
        return  # good, and long
    check_sweep(PARAMETERS[name].option, f"{PARAMETERS[name].option}={form.format(text)}", *others)


@table("option", ["--format", "--every", "--explain", "--at", "--output", "--preset", "--config"])
@table("text", ["\x1b[31mred", "a\nb\x07", "\u202eabc", "\ud800", "x" * 100_000, "nan", "-1", "1:2:3"])
def test_no_text_behind_other_options_upsets_it(tmp_path, monkeypatch, option, text):
    monkeypatch.chdir(tmp_path)
    check(option, f"{option}={text}", "--epochs=2", "--samples=5", quiet=option not in ("--explain", "--at"))
