"""The records of a class whose students are told apart by tokens: a folder with one for each name, and their tokens.

It is for classes without accounts: whoever has the token of a name answers under that name.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping

from quadfit_tui.core.files.untrusted_files import read_untrusted
from quadfit_tui.core.text.quoting import is_file_name

TOKENS = ".tokens.json"  # the file with the token of each name; no student's name begins with a dot
MOST_BYTES = 1_000_000  # maximum size of that file
_LAST_COMMA = re.compile(r",\s*\}\s*\Z")  # JSON forbids it; it is left when a teacher deletes the last line


def is_name(name: str) -> bool:
    """Whether a student may have this name: it can name a folder directly in the records, one that is not hidden."""
    return is_file_name(name) and os.path.basename(name) == name != "" and not name.startswith(".")


def parse_tokens(content: bytes) -> Mapping[str, str]:
    """Parses the content of the file of tokens: the token of each name; raises ValueError if it is invalid."""
    tokens = json.loads(_LAST_COMMA.sub("}", content.decode())) if content else {}
    if not isinstance(tokens, dict) or not all(isinstance(token, str) and token for token in tokens.values()):
        raise ValueError("no tokens by names")
    "".join([*tokens, *tokens.values()]).encode()  # raises ValueError for half a surrogate pair
    return tokens


def format_tokens(tokens: Mapping[str, str]) -> bytes:
    """Returns the content of the file of tokens, from the token of each name."""
    return json.dumps(tokens, ensure_ascii=False, indent=0, sort_keys=True).encode() + b"\n"


def student_folders(folder: str) -> dict[str, str] | None:
    """Returns the folder of each student by name, in a folder of such records; None if `folder` is none.

    It counts only if its owner is the user who runs this, so that nobody passes own answers off as those of others.
    """
    try:
        file = read_untrusted(folder, TOKENS, MOST_BYTES)
        if file.identity is None or file.owner != os.getuid():
            return None
        names = parse_tokens(file.content)
    except (OSError, ValueError, AttributeError, RecursionError):
        return None
    paths = {name: os.path.join(folder, name) for name in names if is_name(name)}
    return {name: path for name, path in paths.items() if os.path.isdir(path) and not os.path.islink(path)}
