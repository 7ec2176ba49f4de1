"""What the commands list is set by the columns of a terminal: presets, and each character in ASCII."""

import io

from pseudo_locale import starts, widened
from rich.cells import cell_len

from quadfit_tui.cli.output.printing import aligned
from quadfit_tui.core.config import presets


def test_preset_list_columns_are_aligned(call, monkeypatch):
    named = widened("a-name-longer-than-any-other"), "学习率"
    for name in named:
        monkeypatch.setitem(presets.PRESETS._configs, name, presets.PRESETS["article"])
        monkeypatch.setitem(presets.SUMMARIES, name, f"summary of {name}")
    lines = call("presets")[1].splitlines()
    places = [starts(line, f"summary of {name}") for name in named for line in lines if line.startswith(name)]
    assert places == [2 * len(named[0]) + 2] * 2
    article = next(line for line in lines if line.startswith("article "))
    assert starts(article, presets.SUMMARIES["article"]) == places[0]


def test_in_ascii_each_character_has_its_columns():
    plain = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    line = "✓ B  下降了  e\u0301te\u0301  1 █████"
    shown = aligned(line, plain)
    assert shown == "v B  # # #   ete  1 #####"
    assert len(shown) == cell_len(line)
    assert aligned(line, io.TextIOWrapper(io.BytesIO(), encoding="utf-8")) == line
