"""The files of a run: epochs as text, CSV or JSON lines, pictures, animations, sentences.

Begin with formats.py: a format or a column is added there. Others use EXPORTERS from it, SUBJECTS (subjects.py),
Picture (picture.py), RunSpeech (run_speech.py) and the writers of epochs (recorder.py).
"""
