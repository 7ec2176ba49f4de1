"""The files of a run: epochs as text, CSV or JSON lines, pictures, animations, sentences.

Begin with formats.py: a format is added there, a column in writers.py. Others use EXPORTERS from it, SUBJECTS
(subjects.py), Picture (picture.py), RunSpeech (run_speech.py) and RunLines (recorder.py).
"""
