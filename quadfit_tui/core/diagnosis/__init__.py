"""The diagnosis of a run: the limit of its learning rate, where it settles, how long it takes, what would help.

Begin with diagnose.py. Others use `diagnose`, Diagnosis and Remedy from it, and `limit` (stability.py).
"""
