"""The command `sweep`: its options, its output, its progress and its pictures.

Begin with sweep_command.py. Others use `sweep` from it.
"""
