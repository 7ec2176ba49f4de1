"""The environment of a session: what the system needs, and the terminal that the page is."""

from __future__ import annotations

import os
from collections.abc import Mapping

_KEPT = ("PATH", "TZ", "PYTHONPATH", "LD_LIBRARY_PATH")


def environment(folder: str, dark: bool, own: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Returns the environment of a session in a folder, on a page that is dark or light."""
    kept = {name: own[name] for name in _KEPT if name in own}
    if "PYTHONPATH" in kept:  # the process is in another folder
        kept["PYTHONPATH"] = os.pathsep.join(map(os.path.abspath, kept["PYTHONPATH"].split(os.pathsep)))
    return kept | {
        "HOME": folder,
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "COLORFGBG": "15;0" if dark else "0;15",
    }
