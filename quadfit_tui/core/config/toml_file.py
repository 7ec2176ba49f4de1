"""Configuration files: TOML whose keys are the names of the parameter table."""

from __future__ import annotations

import os
import tomllib
from typing import Any

from quadfit_tui.core.config.parameters import DIGEST, PARAMETERS, ConfigError, toml_text
from quadfit_tui.core.config.value_types import Sha256
from quadfit_tui.core.files import access
from quadfit_tui.core.text.quoting import MOST_QUOTED, did_you_mean, quoted

LARGEST_FILE = 100_000  # bytes; all parameters and a page of comments stay well below
_LONGEST_LINE = 10_000  # characters; TOML's parser takes 40 s for a key of 49,000 parts


class ConfigFileError(ValueError):
    """A configuration file that cannot be used; the text is one line and does not name the file."""


def read_values(path: str) -> dict[str, Any]:
    """The values in the file at `path`, parsed, by the names of their parameters; under DIGEST, that of the samples.

    Raises ConfigFileError where the file cannot be read or holds an unknown key, ConfigError where a value is refused.
    """
    try:
        text = access.read(path, LARGEST_FILE).decode("utf-8-sig")
    except OSError as failure:
        raise ConfigFileError(access.refusal(failure, "a TOML file", LARGEST_FILE)) from None
    except UnicodeDecodeError:
        raise ConfigFileError("is not text; allowed: a TOML file in UTF-8") from None
    values = parse_toml(text)
    for key in values:
        if key not in PARAMETERS and key != DIGEST:
            hint = did_you_mean(key, PARAMETERS)
            raise ConfigFileError(f"has an unknown key {quoted(key)}{hint}; allowed: {', '.join(PARAMETERS)}")
    if isinstance(values.get("data"), str) and values["data"].strip():
        values["data"] = access.path_from(os.path.dirname(path), values["data"])  # from where it is named
    digest = {DIGEST: _digest(values)} if DIGEST in values else {}
    return {name: PARAMETERS[name].parse(value) for name, value in values.items() if name != DIGEST} | digest


def _digest(values: dict[str, Any]) -> str:
    if not values.get("data"):
        raise ConfigFileError(f"has {DIGEST} without data; allowed: both or neither")
    try:
        return Sha256().parse(values[DIGEST])
    except ValueError as refused:
        raise ConfigError((DIGEST,), toml_text(values[DIGEST]), str(refused), Sha256.allowed) from None


def parse_toml(text: str) -> dict[str, Any]:
    """The values of a text in TOML; raises ConfigFileError."""
    _check_lines(text)
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as broken:
        raise ConfigFileError(f"is not valid TOML: {_why(broken)}; allowed: lines such as lr = 0.5") from None


def _check_lines(text: str) -> None:
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > _LONGEST_LINE:
            raise ConfigFileError(f"line {number} has {len(line)} characters; allowed: up to {_LONGEST_LINE}")


def _why(broken: Exception) -> str:
    """What is wrong, by the parser's own words or, where it lets Python's through, by others."""
    if isinstance(broken, tomllib.TOMLDecodeError):
        return str(broken) if len(str(broken)) <= MOST_QUOTED else f"{str(broken)[:MOST_QUOTED]}..."
    return "it is too deeply nested" if isinstance(broken, RecursionError) else "it has a number that is too long"
