"""The pages of the manual: what they say is so, of other programs' files too, and can be done as they say."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from documents import MANUAL, SECURITY

SSHD_CONFIG = Path("/usr/share/openssh/sshd_config")  # Debian's own, whatever this machine has made of it
SLICES = Path("/usr/lib/systemd/system/user-.slice.d")


def test_what_debian_accepts_of_the_environment_is_told():
    if not SSHD_CONFIG.exists():
        pytest.skip("this is no Debian with an ssh server")
    (accepted,) = re.findall(r"^AcceptEnv (.+)$", SSHD_CONFIG.read_text(), re.MULTILINE)
    assert f"`{accepted}` on Debian" in MANUAL["class-server"]


def test_systemd_takes_the_limits(tmp_path):
    (limits,) = re.findall(r"looks at the next block -->\n```ini\n(.+?)```", MANUAL["class-server"], re.DOTALL)
    assert {"MemoryMax", "CPUQuota", "TasksMax"} <= set(re.findall(r"^(\w+)=", limits, re.MULTILINE))
    (path,) = re.findall(r"`/etc/systemd/system/(user-\.slice\.d/\S+\.conf)`", MANUAL["class-server"])
    analyze = shutil.which("systemd-analyze")
    if analyze is None or not SLICES.exists():
        pytest.skip("there is no systemd")
    file = tmp_path / path
    file.parent.mkdir()
    (tmp_path / "user-1000.slice").write_text("[Slice]\n")

    def complaints(text):
        file.write_text(text)
        env = os.environ | {"SYSTEMD_UNIT_PATH": f"{tmp_path}:{SLICES.parent}"}
        command = [analyze, "verify", "--man=no", tmp_path / "user-1000.slice"]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)
        return [line for line in done.stderr.splitlines() if file.name in line]

    assert complaints(limits) == []
    assert complaints(limits.replace("400M", "much"))  # so that it is looked at


def test_security_says_what_is_promised_what_is_not_and_how_to_report():
    for words in ("`--confined` promises", "does not promise", "To report a vulnerability", "quadfit-tui --version"):
        assert words in " ".join(SECURITY.split())


def test_the_lesson_of_the_page_is_true_and_its_false_number_is_told_as_the_page_says(call, tmp_path, monkeypatch):
    (lesson,) = re.findall(
        r"test_manual.py checks the next block -->\n```markdown\n(.+?)```", MANUAL["lesson-files"], re.DOTALL
    )
    monkeypatch.chdir(tmp_path)
    Path("our-ball.md").write_text(lesson, encoding="utf-8")
    told = re.findall(r"`(our-ball\.md:.+?)`", MANUAL["lesson-files"])
    assert call("lessons", "check", "our-ball.md") == (0, f"{told[1]}\n", "")
    Path("our-ball.md").write_text(lesson.replace("answer=-4.84", "answer=-4.94"), encoding="utf-8")
    assert call("lessons", "check", "our-ball.md") == (4, "", f"{told[0]}\n")
