"""The terminal: what is sent to it and when, its keys, its signals, and its restoration at the end.

Begin with driver.py. Others use TerminalApp (terminal_app.py), the base of the app, and `transliterate_for` from there.
"""
