"""A session: playing, pausing, stepping, and the runs of it, present and earlier.

Begin with session.py. Others use RunSession, Snapshot (snapshot.py), Unit and SPEEDS (playback.py), and `verdict`
(verdict.py).
"""
