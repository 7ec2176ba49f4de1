"""The command `sweep`: its options, its output, its progress and its pictures.

Begin with sweep_command.py; main.py uses ANNEX of sweep_entry.py.
"""
