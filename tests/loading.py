"""What commands load: many of them in one process, as to start each of them takes longer than what it does."""

import json
import subprocess
import sys

from command_line import ROOT

_EACH = """
import contextlib, io, json, sys
standard = {*sys.modules}

def told():
    loaded = {*sys.modules} - standard
    packages = {name.partition(".")[0] for name in loaded} - sys.stdlib_module_names
    below = [name.removeprefix("quadfit_tui.") for name in loaded]
    of_commands = "cli.commands.", "sweeps.", "teaching.", "serve."
    return sorted(packages), sorted(name for name in below if name.startswith(of_commands))

found = {}
from quadfit_tui.__main__ import main
import quadfit_tui.main
found["import"] = told()
for line in sys.argv[1:]:
    sys.argv[1:] = line.split()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
        main()
    found[line] = told()
print(json.dumps(found))
"""


def loaded_by(commands, folder):
    """What has been loaded after each of some commands: the packages but for Python's own, and modules of commands.

    Those that load least come first. `folder` is for settings, which none of them writes.
    """
    done = subprocess.run(
        [sys.executable, "-c", _EACH, *commands],
        env={"XDG_CONFIG_HOME": str(folder), "LANG": "C.UTF-8"},
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert [*folder.iterdir()] == []
    return {command: (set(packages), set(modules)) for command, (packages, modules) in json.loads(done.stdout).items()}
