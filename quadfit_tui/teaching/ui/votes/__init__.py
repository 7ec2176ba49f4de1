"""The votes of a class in the app: what a student sees of them, and the teacher's page.

Begin with vote_commands.py. Others use ClassVotes from it.
"""
