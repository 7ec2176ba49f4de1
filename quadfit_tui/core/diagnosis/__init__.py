"""What can be said of a run: the limit of its learning rate, where it settles, how long it takes, what would help.
May import session and what is below it. Begin with diagnose.py; advice.py puts it into words.
"""
