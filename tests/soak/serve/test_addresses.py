"""A server begun again gives each name of a class the same address."""

import re
import subprocess

from command_line import PROGRAM
from notices import without_root

NAMES = ["Anna Großmann", "Ben", "张三", "a b.c"]


def test_addresses_persist_across_restarts(tmp_path):
    (tmp_path / "class.csv").write_text("\n".join(["name", *NAMES]), encoding="utf-8")
    told = []
    for _ in range(2):
        options = ["serve", "--port", "0", "--names", "class.csv", "--records", "records", "--progress", "none"]
        with subprocess.Popen(
            [*PROGRAM, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path
        ) as server:
            lines = [server.stdout.readline().rstrip("\n").split("\t") for _ in NAMES]
            server.terminate()
            out, err = server.communicate(timeout=30)
        assert (server.returncode, out, without_root(err)) == (128 + 15, "", "")
        told.append([(name, url.partition("#")[2]) for name, url in lines])
        assert all(re.fullmatch(r"http://127\.0\.0\.1:\d+/#[\w-]{22}", url) for _, url in lines)
    assert [name for name, _ in told[0]] == NAMES
    assert told[0] == told[1]
