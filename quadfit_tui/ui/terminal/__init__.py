"""The terminal: what it is sent and when, its keys, the signals about it, and its end.

Begin with driver.py. Others use TerminalApp (terminal_app.py), the base of the app, and `transliterate_for` from there.
"""
