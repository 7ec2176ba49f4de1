"""The program in a browser: a server that gives each page a process on a terminal of its own.

It uses the core alone; only `cli/commands/serve.py` uses it. Without it, and without websockets, the rest works.
"""
