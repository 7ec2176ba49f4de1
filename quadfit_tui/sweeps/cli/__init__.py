"""The command of sweeps: its options, its output, its pictures; may import all but main.py and lessons.

Begin with sweep_command.py.
"""
