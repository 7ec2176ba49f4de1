"""The program: what `quadfit-tui` and `python -m quadfit_tui` start."""

from __future__ import annotations

import os
from typing import NoReturn

from quadfit_tui.locale_names import drop_paths


def main() -> NoReturn:
    """Runs the command line, in an environment whose locale names no files."""
    drop_paths(os.environ)
    from quadfit_tui.cli import main as command_line  # click looks up its messages as it is imported

    command_line()


if __name__ == "__main__":
    main()
