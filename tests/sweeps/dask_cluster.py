"""A scheduler of Dask and its workers, as processes of their own on ports that are free, for tests."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from command_line import ROOT

PROGRAM = "distributed.cli.dask_{}"


class DaskCluster:
    """A scheduler; `worker` starts workers for it, `end` ends all, whatever has become of them."""

    def __init__(self, folder, **settings):
        self.folder = Path(folder)
        self.programs = []
        self.environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
        self.environ |= {f"DASK_DISTRIBUTED__{name}": str(value) for name, value in settings.items()}
        told = self.folder / "scheduler.json"
        # By itself it ends with its workers ten minutes after whoever forgot it.
        self.scheduler = self._start(
            "scheduler", "--port", "0", "--scheduler-file", str(told), "--idle-timeout", "10 minutes"
        )
        while not (told.exists() and told.read_text().endswith("}")):
            assert self.scheduler.poll() is None, self.said()
            time.sleep(0.02)
        self.address = json.loads(told.read_text())["address"]

    def worker(self, *options, nanny=False, **environ):
        """Starts a worker; with a nanny it is replaced when it dies."""
        nanny = "--nanny" if nanny else "--no-nanny"
        return self._start("worker", self.address, "--nthreads", "1", "--memory-limit", "0", nanny, *options, **environ)

    def _start(self, what, *options, **environ):
        log = (self.folder / f"{what}{len(self.programs)}.log").open("w")
        command = [sys.executable, "-m", PROGRAM.format(what), *options, "--host", "127.0.0.1", "--no-dashboard"]
        environ = {**self.environ, **environ, "TMPDIR": str(self.folder), "DASK_TEMPORARY_DIRECTORY": str(self.folder)}
        program = subprocess.Popen(
            command, cwd=self.folder, env=environ, stdout=log, stderr=log, stdin=subprocess.DEVNULL, process_group=0
        )
        log.close()
        self.programs.append(program)
        return program

    def said(self):
        """What the programs have said, for whoever looks why."""
        return "\n".join(log.read_text() for log in sorted(self.folder.glob("*.log")))

    def end(self):
        for program in self.programs:  # the group: a nanny's worker is not the nanny
            try:
                os.killpg(program.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        for program in self.programs:
            program.wait()
