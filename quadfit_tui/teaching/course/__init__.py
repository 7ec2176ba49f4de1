"""A lesson as a student takes it: step by step, with the transcript that records it.

Begin with course.py. Others use Course and Phase from it, Transcript (transcript.py), Event and Entry
(transcript_entry.py), and DrawnCurve (drawn_curve.py).
"""
