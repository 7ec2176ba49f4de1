"""Programs that have other processes work for them, as users of the library do: their `main` is given a map of them."""

import subprocess
import sys

WAYS = {
    "fork": "with get_context('fork').Pool(2) as pool:\n        main(pool.map)",
    "spawn": "with get_context('spawn').Pool(2) as pool:\n        main(pool.map)",
    "joblib": "main(lambda do, values: Parallel(n_jobs=2)(delayed(do)(value) for value in values))",
}
_IMPORTS = "from multiprocessing import get_context\n"
_OF_JOBLIB = "from joblib import Parallel, delayed\n"


def by_processes(file, way, program):
    """The lines that a program prints, which is written to a file.

    As a program of its own it can be given up: of an object that cannot be read the pool waits for good.
    """
    imports = _OF_JOBLIB if way == "joblib" else _IMPORTS
    file.write_text(f"{imports}{program}\nif __name__ == '__main__':\n    {WAYS[way]}\n")
    done = subprocess.run([sys.executable, str(file)], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()
