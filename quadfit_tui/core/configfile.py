"""Reads a RunConfig from a TOML file whose keys are those of the parameter table."""

from __future__ import annotations

import difflib
import tomllib
from pathlib import Path

from quadfit_tui.core.config import PARAMETERS, RunConfig
from quadfit_tui.core.kinds import MOST_QUOTED, quoted
from quadfit_tui.core.textfile import TextFileError, read_bytes

LARGEST_FILE = 100_000  # bytes; all parameters and a page of comments stay well below


class ConfigFileError(ValueError):
    """A configuration file that cannot be used; the text is one line and does not name the file."""


def read_config(path: str, base: RunConfig) -> RunConfig:
    """The configuration `base` with the values of the file at `path` put over it.

    Raises ConfigFileError where the file cannot be read or holds an unknown key, ConfigError where a value is refused.
    """
    try:
        values = tomllib.loads(read_bytes(path, LARGEST_FILE).decode("utf-8-sig"))
    except TextFileError as failure:
        raise ConfigFileError(f"{failure}; allowed: a TOML file of up to {LARGEST_FILE} bytes") from None
    except UnicodeDecodeError:
        raise ConfigFileError("is not text; allowed: a TOML file in UTF-8") from None
    except (ValueError, RecursionError) as broken:  # the parser's own error, and what it lets through
        why = str(broken) if len(str(broken)) <= MOST_QUOTED else f"{str(broken)[:MOST_QUOTED]}..."
        raise ConfigFileError(f"is not valid TOML: {why}; allowed: lines such as lr = 0.5") from None
    for key in values:
        if key not in PARAMETERS:
            close = difflib.get_close_matches(key, PARAMETERS, 1)
            hint = f" (did you mean {close[0]!r}?)" if close else ""
            raise ConfigFileError(f"has an unknown key {quoted(key)}{hint}; allowed: {', '.join(PARAMETERS)}")
    if isinstance(values.get("data"), str) and values["data"].strip():
        values["data"] = str(Path(path).parent / values["data"])  # a file is named as seen from the one that names it
    return base.replace(**values)
