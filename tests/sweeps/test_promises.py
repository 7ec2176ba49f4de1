"""The columns of a sweep's file are kept as the manual's page *promises* says."""

from command_line import called
from promised import promised


def test_rows_keep_their_columns():
    done = called("sweep", "--lr", "0.1", "--lr", "0.2", "--seeds", "2", "--shuffle", "-n", "1", "-o", "-")
    assert {*done.stdout.splitlines()[0].split(",")} == promised("columns")["sweep"]
