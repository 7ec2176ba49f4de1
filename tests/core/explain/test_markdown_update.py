"""The worked update as Markdown: its LaTeX is read again, and worked out again."""

import math
import re
from itertools import pairwise

import pytest
from tables import table

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.explain.formulas import FORMULAS, gradient_formula
from quadfit_tui.core.explain.latex import latex
from quadfit_tui.core.explain.markdown_update import markdown_update
from quadfit_tui.core.explain.worked_update import sections
from quadfit_tui.core.methods.optimizers import OPTIMIZERS
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.session.session import RunSession

WORDS = {
    r"\times": "*", r"\cdot": "*", r"\left\lfloor": "floor(", r"\right\rfloor": ")", r"\left": "", r"\right": "",
    r"\cos": "cos", r"\pi": "pi", r"\tfrac{1}{2}": "0.5",
}  # fmt: skip


def braced(text, at):
    """What is in the braces that open at a place, and where it goes on behind them."""
    depth = 0
    for end in range(at, len(text)):
        depth += {"{": 1, "}": -1}.get(text[end], 0)
        if not depth:
            return text[at + 1 : end], end + 1
    raise AssertionError(text)


def worth(text):
    """The value of arithmetic in LaTeX."""
    for word, python in WORDS.items():
        text = text.replace(word, python)
    while (at := max(text.rfind(word) for word in (r"\frac{", r"\sqrt{", "^{"))) >= 0:
        first, end = braced(text, text.index("{", at))
        if text[at] == "^":
            found = f"**({first})"
        elif text.startswith(r"\sqrt", at):
            found = f"sqrt({first})"
        else:
            second, end = braced(text, end)
            found = f"(({first})/({second}))"
        text = text[:at] + found + text[end:]
    assert re.fullmatch(r"(?:[-+*/()\d. ]|floor|cos|pi|sqrt)+", text), text
    return eval(text, dict(vars(math)))


def record_of(config, epoch, update):
    session = RunSession(config, speed=None)
    session.seek(epoch, update)
    while session.is_busy:
        session.advance(1)
    return session.snapshot().record


@table("schedule", SCHEDULES)
@table("optimizer", OPTIMIZERS)
def test_latex_arithmetic_evaluates_correctly(optimizer, schedule):
    odd = len(optimizer) % 2
    config = RunConfig(optimizer=optimizer, schedule=schedule, lr=0.01, init=(-1, 10, 26), epochs=20)
    config = config.replace(samples=80, batch=1 + 9 * odd, stop_on="never")
    record = record_of(config, 12, 7)
    lines = markdown_update(record)
    text = "\n".join(lines)
    assert lines[0] == f"# Epoch 12, update 7 of {8 if odd else 80} (update {103 if odd else 967} of the run)"
    assert not set("·×²√⌊←−½_`") & set(re.sub(r"\$[^$]*\$", "", text))  # nothing of formulas outside of dollar signs
    assert text.count("{") == text.count("}")
    arithmetic = [
        line[3:-1].split(" = ") for line in lines if re.fullmatch(r"- \$.* = [-\d.e]+(?: .times .*)?\$", line)
    ]
    assert len(arithmetic) >= 8
    for *names, numbers, value in arithmetic:
        if re.search("[A-Za-z]", re.sub(r"\\[a-z]+", "", numbers)):
            continue  # g_c = r = 3
        assert names
        assert worth(numbers) == pytest.approx(worth(value), rel=2e-5, abs=1e-6)


@table("optimizer", OPTIMIZERS)
def test_sections_match_plain_text(optimizer):
    config = RunConfig(optimizer=optimizer, scale_features=True, gradient="full", batch=800, lr=0.1, round_epochs=4)
    record = record_of(config, 1, 1)
    lines = markdown_update(record)
    titles = [line.lstrip("# ") for line in lines if line.startswith("#")]
    assert titles == [section.title for section in sections(record, record.task)]
    first = [line.split(" = ")[0].strip() for line in sections(record, record.task)[-1].lines]
    assert len([line for line in lines[lines.index("## Formulas") :] if line.startswith("- ")]) == len(first)
    tables = [line for line in lines if line.startswith("|")]
    assert len(tables) == 6
    assert {line.count("|") for line in tables} == {7}
    for before, after in pairwise(lines):  # a list and a table stand alone, else Markdown joins them to a paragraph
        assert before[:1] == after[:1] or not before or not after, (before, after)


@table(
    ("formula", "expected"),
    [
        ("w ← w − lr·g / (√s + epsilon)", r"w \leftarrow w - \frac{\mathrm{lr} \cdot g}{\sqrt{s} + \varepsilon}"),
        ("g_a = 2·mean of r·x²", r"g_{a} = 2 \cdot \operatorname{mean}\left(r \cdot x^{2}\right)"),
        ("m' = m / (1 − beta1^t)", r"m' = \frac{m}{1 - \beta_{1}^{t}}"),
        ("(-1.5e-05)²", r"\left(-1.5 \times 10^{-5}\right)^{2}"),
        ("3e-05²", r"\left(3 \times 10^{-5}\right)^{2}"),
        ("a / b·c", r"\frac{a}{b} \cdot c"),
        ("(a + b)·c / d", r"\frac{\left(a + b\right) \cdot c}{d}"),
        ("a_x = a/σ²", r"a_{x} = \frac{a}{\sigma^{2}}"),
        ("r = inf − nan", r"r = \infty - \mathrm{nan}"),
        (
            SCHEDULES["cosine"].formula.rpartition("·(")[2][:-1],
            r"1 + \cos\left(\frac{\pi \cdot \mathrm{epoch}}{\mathrm{epochs}}\right)",
        ),
    ],
)
def test_latex_by_example(formula, expected):
    assert latex(formula) == expected


def test_all_formulas_can_be_written():
    rules = [formula for row in OPTIMIZERS.values() for formula, _remark in row.remarked]
    own = [line for name in ("model", "residual", "loss", "gradient", "scaling", "in x") for line in FORMULAS[name]]
    for formula in [*rules, *own, gradient_formula("full"), *(row.formula for row in SCHEDULES.values())]:
        assert latex(formula).isascii()


@table("text", ["", "a +", "(a", "a)", "a b", "2 = = 3", "a ? b", "√", "mean of", "⌊a", "cos a", "1.2.3"])
def test_what_is_no_formula_is_refused(text):
    with pytest.raises(ValueError, match="is no formula"):
        latex(text)
