"""The diagnosis in sentences, for the page of i and the end of `run`.

Begin with advice.py. Others use `advice` and `advised` from it, and `change` (changes.py).
"""
