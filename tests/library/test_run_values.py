"""The types of RunConfig's values, and its help: held against the table of parameters."""

import inspect
from typing import get_args, get_type_hints

from quadfit_tui import RunConfig, library
from quadfit_tui.core.config import run_values
from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.config.value_types import Choice, Either, Flag, Integer, Number
from quadfit_tui.core.rate_map.rate_map import Figure, Up
from quadfit_tui.core.training.status import Status
from quadfit_tui.library.diagnosis import FigureName, UpName
from quadfit_tui.library.results import EndName

CHOICES = {name: row.value_type.options for name, row in PARAMETERS.items() if isinstance(row.value_type, Choice)}


def test_the_types_are_those_of_the_table():
    names = run_values.RunValues.__annotations__
    assert list(names) == list(PARAMETERS)
    hints = get_type_hints(RunConfig)
    values = run_values.SweepValues.__annotations__
    assert {name: told.__forward_arg__ for name, told in values.items()} == {
        name: f"Iterable[{told.__forward_arg__}]" for name, told in names.items()
    }
    for name, row in PARAMETERS.items():
        told = names[name].__forward_arg__
        match row.value_type:
            case Choice(options):
                assert get_args(hints[name]) == options
                assert get_args(getattr(run_values, told)) == options
            case Flag():
                assert (hints[name], told) == (bool, "Bool")
            case Number():
                assert (hints[name], told) == (float, "Real")
            case Integer():
                assert (hints[name], told) == (int, "SupportsIndex")
            case Either(word, meaning, _):
                assert told.endswith("| None" if meaning is None else f"| Literal[{word!r}]")
                assert (type(None) if meaning is None else word) in [
                    *get_args(hints[name]),
                    *(word for part in get_args(hints[name]) for word in get_args(part)),
                ]
    assert len(CHOICES) == 5
    assert get_args(UpName) == tuple(Up)
    assert get_args(FigureName) == tuple(Figure)
    assert {*get_args(EndName)} == {status for status in Status if status.ended} | {"paused"}


def test_help_has_a_paragraph_for_each_parameter():
    text = inspect.getdoc(library.RunConfig)
    for name, row in PARAMETERS.items():
        (line,) = [line for line in text.splitlines() if line.startswith(f"    {name} = ")]
        assert line.startswith(f"    {name} = {row.default!r}")
        assert row.help.split()[0] in line
        paragraph = " ".join(text.partition(line)[2].partition(" = ")[0].split())
        assert not isinstance(row.value_type, Choice) or row.value_type.options[-1] in line + paragraph
    for told in ("lr = 0.5: initial learning rate. Allowed: above 0, up to 1e6.", "decay_every = 10 epochs: "):
        assert told in text
    assert max(map(len, text.splitlines())) <= 116
