"""The processes of sessions: each a program on a terminal of its own, forked from one that has loaded it.

Begin with process.py; forks.py starts them, forkserver.py is what they are forked from.
"""
