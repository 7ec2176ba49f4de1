"""The command line: its options, its commands, its output and its exit codes. May import everything.

Begin with main.py.
"""
