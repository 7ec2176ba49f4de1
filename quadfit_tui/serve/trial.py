"""Tries the options of all pages once before the server starts, and returns what the app prints if it refuses."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from quadfit_tui.core.text.language import N_, _
from quadfit_tui.serve.command import SessionCommand
from quadfit_tui.serve.folders import Folder
from quadfit_tui.serve.processes.process import Process, Start
from quadfit_tui.serve.processes.session_environment import environment

_SECONDS = 30  # for the app to show itself
_SHOWN = b"\x1b[?1049h"  # it takes the screen
_WIDE = (500, 50)  # a terminal that folds no line
_FOLDER = N_("the directory of a page, where --file FILE puts it")  # in place of the path of one that is gone


def output_of(start: Start, command: SessionCommand, language: str) -> str | None:
    """Runs the command of a session once; returns None if the app opens, otherwise what it printed.

    Its records go to its own temporary folder, because no student has opened the lesson. Where the output names that
    folder, it says instead how files get into the folders of pages.
    """
    folder = Folder()
    try:
        words = replace(command, records={"": folder.path} if command.records else {})(folder.path, language, "")
        output = asyncio.run(_output(Process(start, words, folder.path, environment(folder.path, True), _WIDE)))
        return None if output is None else output.replace(folder.path, _(_FOLDER))
    finally:
        folder.remove()


async def _output(process: Process) -> str | None:
    output = b""
    try:
        async with asyncio.timeout(_SECONDS):
            while _SHOWN not in output:
                if not (data := await process.read()):
                    return output.decode(errors="replace")
                output += data
    except TimeoutError:
        return ""
    finally:
        await process.end()
    return None
