"""The records of a class whose students are told apart by tokens: a folder with one for each name, and their tokens.

So a class that has no accounts is known by names: whoever has the token of one answers in it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping

from quadfit_tui.core.files.untrusted_files import read_untrusted
from quadfit_tui.core.text.quoting import is_file_name

TOKENS = ".tokens.json"  # the file of the tokens by their names; no name begins with a dot
MOST_BYTES = 1_000_000  # of it
_LAST_COMMA = re.compile(r",\s*\}\s*\Z")  # which the line before the last one leaves, where a teacher took that out


def is_name(name: str) -> bool:
    """Whether a student may have this name: whether it names a folder among the records, and is not hidden there."""
    return is_file_name(name) and os.path.basename(name) == name != "" and not name.startswith(".")


def tokens_of(content: bytes) -> Mapping[str, str]:
    """The tokens in the file's content, by their names; raises ValueError where it holds none."""
    found = json.loads(_LAST_COMMA.sub("}", content.decode())) if content else {}
    if not isinstance(found, dict) or not all(isinstance(token, str) and token for token in found.values()):
        raise ValueError("no tokens by names")
    "".join([*found, *found.values()]).encode()  # half a character raises ValueError
    return found


def content_of(tokens: Mapping[str, str]) -> bytes:
    """What the file holds of tokens."""
    return json.dumps(tokens, ensure_ascii=False, indent=0, sort_keys=True).encode() + b"\n"


def student_folders(folder: str) -> dict[str, str] | None:
    """The folders of the students in a folder of such records, by their names; None where it is no such folder.

    It is one only where it belongs to whoever asks, so that nobody gives the own answers out as those of others.
    """
    try:
        file = read_untrusted(folder, TOKENS, MOST_BYTES)
        if file.place is None or file.owner != os.getuid():
            return None
        names = tokens_of(file.content)
    except (OSError, ValueError, AttributeError, RecursionError):
        return None
    found = {name: os.path.join(folder, name) for name in names if is_name(name)}
    return {name: path for name, path in found.items() if os.path.isdir(path) and not os.path.islink(path)}
