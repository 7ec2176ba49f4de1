"""What a version promises, by the names in promised.toml; each annex has such a file beside its own tests."""

import tomllib
from collections import defaultdict
from pathlib import Path

FILES = sorted(Path(__file__).parent.rglob("promised.toml"))


def promised(part):
    """Returns what a part of the files promises, such as the options: for each of its keys a set of names."""
    names = defaultdict(set)
    for file in FILES:
        for key, values in tomllib.loads(file.read_text(encoding="utf-8")).get(part, {}).items():
            names[key].update(values)
    return dict(names)
