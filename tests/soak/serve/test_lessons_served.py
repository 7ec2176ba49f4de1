"""Lessons that are served, for which two annexes work together: one that there is opens, another is refused."""

import signal

from command_line import called, one_line
from test_serve_command import end, start

from quadfit_tui.teaching.cli.lesson_template import new_lesson


def test_a_lesson_file_of_ones_own_opens(tmp_path):
    (tmp_path / "ball.md").write_text(new_lesson("ball"))
    server, url = start("--lesson", tmp_path / "ball.md")
    assert url.startswith("http://127.0.0.1:")
    assert end(server, signal.SIGTERM)[0] == 128 + signal.SIGTERM


def test_a_lesson_that_there_is_not_is_refused():
    done = called("serve", "--port", "0", "--lesson", "nothing")
    assert (done.returncode, done.stdout) == (2, "")
    assert "'--lesson': 'nothing' is not a lesson" in one_line(done.stderr)
