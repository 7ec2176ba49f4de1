"""Configuration files: TOML whose keys are the names of the parameter table."""

from __future__ import annotations

import os
import re
import tomllib
from typing import Any

from quadfit_tui.core.config.parameters import DIGEST, PARAMETERS, ConfigError, toml_text
from quadfit_tui.core.config.value_types import Sha256
from quadfit_tui.core.files import access
from quadfit_tui.core.text.quoting import MOST_QUOTED, did_you_mean, quoted

LARGEST_FILE = 100_000  # bytes; all parameters and a page of comments stay well below
_LINE = re.compile(r" \(at line (\d+), column \d+\)")  # in what Python says of broken TOML
_LONGEST_LINE = 10_000  # characters; TOML's parser takes 40 s for a key of 49,000 parts


class ConfigFileError(ValueError):
    """A configuration file that cannot be used; the text is one line, which follows on the file's name.

    `brief` is what is wrong in fewer words, `line` the number of the line that is, if one is.
    """

    def __init__(self, text: str, brief: str = "", line: int | None = None) -> None:
        super().__init__(text)
        self.brief = brief or text
        self.line = line


def read_values(path: str) -> dict[str, Any]:
    """The values in the file at `path`, parsed, by the names of their parameters; under DIGEST, that of the samples.

    Raises ConfigFileError where the file cannot be read or holds an unknown key, ConfigError where a value is refused.
    """
    try:
        text = decoded(access.read(path, LARGEST_FILE))
    except OSError as failure:
        raise ConfigFileError(access.refusal(failure, "a TOML file", LARGEST_FILE)) from None
    return values_of(text, os.path.dirname(path))


def decoded(content: bytes) -> str:
    """The text of a TOML file; raises ConfigFileError."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigFileError("is not text; allowed: a TOML file in UTF-8", "it is not text in UTF-8") from None


def values_of(text: str, folder: str) -> dict[str, Any]:
    """The values in the text of a file in a folder, as `read_values` gives them; raises the same."""
    values, allowed = parse_toml(text), (*PARAMETERS, DIGEST)
    for key in values:
        if key not in allowed:
            said = f"has an unknown key {quoted(key)}{did_you_mean(key, allowed)}"
            raise ConfigFileError(f"{said}; allowed: {', '.join(allowed)}", said, line_of(text, key))
    if isinstance(values.get("data"), str) and values["data"].strip():
        values["data"] = access.path_from(folder, values["data"])  # from where it is named
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
        brief = why = _why(broken)
        line = int(found[1]) if (found := _LINE.search(why)) else None
        if line is not None:
            what = text.split("\n")[line - 1].strip()
            brief = f"{quoted(what)} is not valid TOML: {_LINE.sub('', why)}"
        raise ConfigFileError(f"is not valid TOML: {why}; allowed: lines such as lr = 0.5", brief, line) from None


def line_of(text: str, key: str) -> int | None:
    """The number of the line of a TOML file in which a key has its value, where the key stands at its begin."""
    is_key = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*=""")
    return next((number for number, line in enumerate(text.split("\n"), 1) if is_key.match(line)), None)


def _check_lines(text: str) -> None:
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > _LONGEST_LINE:
            allowed = f"allowed: up to {_LONGEST_LINE}"
            raise ConfigFileError(
                f"has {len(line)} characters in line {number}; {allowed}",
                f"has {len(line)} characters; {allowed}",
                number,
            )


def _why(broken: Exception) -> str:
    """What is wrong, by the parser's own words or, where it lets Python's through, by others."""
    if isinstance(broken, tomllib.TOMLDecodeError):
        return str(broken) if len(str(broken)) <= MOST_QUOTED else f"{str(broken)[:MOST_QUOTED]}..."
    return "it is too deeply nested" if isinstance(broken, RecursionError) else "it has a number that is too long"
