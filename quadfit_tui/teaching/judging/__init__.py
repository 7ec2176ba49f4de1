"""What training says of a lesson: its facts, what an answer is worth, whether what it states is true.

Begin with facts.py, then judge.py.
"""
