"""The diagnosis of a run: the limit of its learning rate, where it settles, how long it takes, and tested remedies.

Begin with diagnose.py. Others use `diagnose`, RunDiagnosis and Remedy from it, and `limit` (stability.py).
"""
