"""A class: where it is in a lesson, its votes, what its transcripts say, its report.

Begin with classroom.py, then tally.py and report.py. Others use Classroom, VoteState and Question, Vote (vote.py),
Tally and Pace (pace.py).
"""
