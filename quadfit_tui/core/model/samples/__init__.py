"""Samples in files: text of columns as people and programs write them.

Begin with reader.py. Others use `read_samples` and `samples_in` from it, and SampleFileError (sample_text.py).
"""
