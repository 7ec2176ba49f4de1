"""Unknown names of parameters: the one that is meant is suggested everywhere, by meaning before spelling."""

import pytest
from tables import table

from quadfit_tui import RunConfig
from quadfit_tui.core.config.other_names import OTHER_NAMES, nearest_name
from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.config.toml.toml_file import parse_config_table
from quadfit_tui.core.config.toml.toml_table import TomlError, TomlTable

MEANT = [
    *[("learning_rate", "lr"), ("learning-rate", "lr"), ("rate", "lr"), ("eta", "lr"), ("step size", "lr")],
    *[("batch_size", "batch"), ("batchsize", "batch"), ("steps", "epochs"), ("iterations", "epochs")],
    *[("seeds", "seed"), ("random_state", "seed"), ("momentun", "momentum"), ("tolerance", "tol"), ("eps", "epsilon")],
    *[("LR", "lr"), ("x-min", "x_min"), ("lrr", "lr"), ("decay", "schedule"), ("gamma", "decay_rate"), ("zzz", "")],
]
OPTIONS = [parameter.option for parameter in PARAMETERS.values()]


def test_aliases_point_to_real_parameters():
    assert {*OTHER_NAMES.values()} <= PARAMETERS.keys()
    assert not OTHER_NAMES.keys() & PARAMETERS.keys()


@table(("name", "meant"), MEANT)
def test_the_name_that_is_meant_is_suggested(name, meant):
    assert nearest_name(name, PARAMETERS) == meant
    assert nearest_name(f"--{name}", OPTIONS) == (PARAMETERS[meant].option if meant else "")


@table(("name", "meant"), [(name, meant) for name, meant in MEANT if name.isidentifier() and meant])
def test_suggestion_appears_in_every_interface(name, meant):
    suggested = rf"\(did you mean '{meant}'\?\)"
    with pytest.raises(TypeError, match=f"^RunConfig got an unexpected keyword argument '{name}' {suggested}$"):
        RunConfig(**{name: 1})
    with pytest.raises(TypeError, match=f"^RunConfig got an unexpected keyword argument '{name}' {suggested}$"):
        RunConfig().replace(**{name: 1})
    with pytest.raises(TomlError, match=f"has an unknown key '{name}' {suggested}"):
        parse_config_table(TomlTable(f"{name} = 1\n".encode()), "")


def test_unrelated_name_gets_no_suggestion():
    with pytest.raises(TypeError, match=r"^RunConfig got an unexpected keyword argument 'zzz'$"):
        RunConfig(zzz=1)
