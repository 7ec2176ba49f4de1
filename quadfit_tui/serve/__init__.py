"""The app in a browser, an annex: a server that gives each page a process on a terminal of its own.

Begin with server.py, then sessions.py. It uses the core alone, but for its command; others use `serve`
(cli/serve_command.py). Without it, and without websockets, the rest works.
"""
