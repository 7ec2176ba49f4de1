"""Reads a RunConfig from a TOML file whose keys are those of the parameter table."""

from __future__ import annotations

import difflib
import os
import tomllib

from quadfit_tui.core import files
from quadfit_tui.core.config import PARAMETERS, RunConfig

_LARGEST_FILE = 1_000_000  # bytes


class ConfigFileError(ValueError):
    """A configuration file that cannot be used; the text is one line and does not name the file."""


def read_config(path: str, base: RunConfig) -> RunConfig:
    """The configuration `base` with the values of the file at `path` put over it.

    Raises ConfigFileError where the file cannot be read or holds an unknown key, ConfigError where a value is refused.
    """
    try:
        values = tomllib.loads(files.read(path, _LARGEST_FILE).decode("utf-8-sig"))
    except files.TooLargeError as failure:
        raise ConfigFileError(f"{failure.strerror}; allowed: up to {_LARGEST_FILE}") from None
    except OSError as failure:
        allowed = files.allowed("a TOML file")
        raise ConfigFileError(f"cannot be read: {failure.strerror}; allowed: {allowed}") from None
    except UnicodeDecodeError:
        raise ConfigFileError("is not text; allowed: a TOML file in UTF-8") from None
    except (ValueError, RecursionError) as broken:  # the parser's own error, and what it lets through
        raise ConfigFileError(f"is not valid TOML: {broken}; allowed: lines such as lr = 0.5") from None
    for key in values:
        if key not in PARAMETERS:
            close = difflib.get_close_matches(key, PARAMETERS, 1)
            hint = f" (did you mean {close[0]!r}?)" if close else ""
            raise ConfigFileError(f"has an unknown key {key!r}{hint}; allowed: {', '.join(PARAMETERS)}")
    if isinstance(values.get("data"), str):
        values["data"] = files.seen_from(os.path.dirname(path), values["data"])  # from where it is named
    return base.replace(**values)
