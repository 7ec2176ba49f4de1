"""The commands `run`, `presets`, `manual` and `explain`, a file each; those of annexes stand there.

Begin with run.py. Others use the commands, and `make_session` (run_session.py).
"""
