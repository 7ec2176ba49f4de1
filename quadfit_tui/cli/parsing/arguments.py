"""Joins numbers that a shell has split at blanks, such as `--init -11/6, -395/3, -2400`."""

from __future__ import annotations

import re

_NUMBERS = re.compile(r"[,;]|[,;]?[-+−]?\.?\d[\d.,;/eE+−-]*")


def join_numbers(args: list[str]) -> list[str]:
    """Returns the arguments with number lists that a shell split at blanks joined: `--init -11/6, -395/3, -2400`."""
    joined: list[str] = []
    for arg in args:
        follows = joined and _NUMBERS.fullmatch(joined[-1].rpartition("=")[2].rpartition(" ")[2])
        if follows and _NUMBERS.fullmatch(arg):
            joined[-1] += f" {arg}"
        else:
            joined.append(arg)
    return joined
