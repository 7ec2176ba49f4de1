"""The environment of a session: a few variables of the server, and those that describe the page's terminal."""

from __future__ import annotations

import os
from collections.abc import Mapping

_INHERITED = ("PATH", "TZ", "PYTHONPATH", "LD_LIBRARY_PATH")


def environment(folder: str, dark: bool, own: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Returns the environment of a session in a folder, on a page that is dark or light."""
    inherited = {name: own[name] for name in _INHERITED if name in own}
    if "PYTHONPATH" in inherited:  # relative paths would be wrong in the session's folder
        inherited["PYTHONPATH"] = os.pathsep.join(map(os.path.abspath, inherited["PYTHONPATH"].split(os.pathsep)))
    return inherited | {
        "HOME": folder,
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "COLORFGBG": "15;0" if dark else "0;15",
    }
