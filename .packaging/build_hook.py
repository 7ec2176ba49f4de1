"""Puts the pages of man and the completions of shells into the wheel, made as it is built: never out of date."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ShellFiles(BuildHookInterface):
    """Writes the files of shell_files.py to a folder, which becomes share/ of where the wheel is installed."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        sys.path[:0] = [self.root, str(Path(__file__).parent)]
        from shell_files import shell_files

        self._made = TemporaryDirectory()
        for name, text in shell_files(Path(self.root)).items():
            path = Path(self._made.name, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        build_data["shared_data"][self._made.name] = "share"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        self._made.cleanup()
