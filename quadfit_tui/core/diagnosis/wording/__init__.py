"""The diagnosis in sentences, for the page of i and what is written of a run.

Begin with advice.py. Others use `advice` and `advised` from it, and `change` (changes.py).
"""
