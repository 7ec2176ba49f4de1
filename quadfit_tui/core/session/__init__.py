"""A session: playing, pausing, stepping, and the runs of it. May import training and what is below it.

Begin with session.py; what a front end sees is in snapshot.py.
"""
