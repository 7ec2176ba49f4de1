"""Configuration files: TOML whose keys are the names of the parameter table."""

from __future__ import annotations

import os
from typing import Any

from quadfit_tui.core.config.other_names import did_you_mean_name
from quadfit_tui.core.config.own_values import value_text
from quadfit_tui.core.config.parameters import DIGEST, PARAMETERS, ConfigError
from quadfit_tui.core.config.toml.toml_table import KeyRule, TomlError, TomlTable, parse_values
from quadfit_tui.core.config.value_types import Sha256, Text
from quadfit_tui.core.files import access, refusals
from quadfit_tui.core.text.language import N_, _, comma_separated
from quadfit_tui.core.text.quoting import quoted, with_allowed

LARGEST_FILE = 100_000  # bytes; all parameters and a page of comments stay well below
LARGEST_SWEEP = 50_000_000  # bytes: a million values of a parameter take 20
SWEEP = "sweep"  # the table in a sweep's file with the parameters that vary
PRESET = "preset"  # the key, beside those of the parameters, of the preset that they change
_ROWS: dict[str, KeyRule] = {
    PRESET: Text(N_("the name of a preset")),
    **{name: row.value_type for name, row in PARAMETERS.items()},
    DIGEST: Sha256(),
}


def read_values(path: str, *, sweeps: bool = False) -> dict[str, Any]:
    """Loads a configuration file: the parsed values by parameter, and the SHA-256 of the samples under DIGEST.

    With `sweeps`, the file may be that of a sweep, whose table is returned under SWEEP, not parsed. Under PRESET is the
    name of a preset, which the caller has to find. Raises TomlError if the file cannot be read or holds an unknown
    key, ConfigError if a value is refused.
    """
    most = LARGEST_SWEEP if sweeps else LARGEST_FILE
    try:
        content = access.read(path, most)
    except OSError as failure:
        raise TomlError(refusals.read_error_with_allowed(failure, _("a TOML file"), most)) from None
    return parse_config_table(TomlTable(content), os.path.dirname(path), sweeps=sweeps)


def parse_config_table(table: TomlTable, folder: str, *, sweeps: bool = False) -> dict[str, Any]:
    """Parses the values of a configuration that was read from a file in `folder`, as `read_values` does.

    Raises TomlError and ConfigError, as that does.
    """
    raw = {**table.values}
    swept = {SWEEP: raw.pop(SWEEP)} if sweeps and SWEEP in raw else {}
    if isinstance(raw.get("data"), str) and raw["data"].strip():
        raw = raw | {"data": access.path_from(folder, raw["data"])}  # relative to the configuration file
    values, faults = parse_values(raw, _ROWS)
    for key in raw:
        if key not in _ROWS:
            problem = did_you_mean_name(_("has an unknown key {key}").format(key=quoted(key)), key, _ROWS)
            raise TomlError(with_allowed(problem, comma_separated([*_ROWS])), problem, table.line_of(key))
    if DIGEST in raw and not raw.get("data"):
        raise TomlError(_("has {key} without data; allowed: both or neither").format(key=DIGEST))
    for key, value, why, allowed in faults:
        raise ConfigError((key,), value_text(value), why, allowed)
    return values | swept
