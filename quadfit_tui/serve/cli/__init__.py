"""The command of serve: what main.py has of it, and the command itself.

Begin with serve_command.py; main.py uses ANNEX of serve_entry.py.
"""
