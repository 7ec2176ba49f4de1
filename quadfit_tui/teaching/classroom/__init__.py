"""A class: what its transcripts tell, where it is, its votes. May import course, judging, lessons, and all below.

Begin with classroom.py, then tally.py and report.py.
"""
