"""Opening and writing the files of users, confined to a folder if that is asked for.

Begin with access.py, the only module that opens a file. Others use it, refusals.py (why not) and AtomicFile
(atomic_file.py).
"""
