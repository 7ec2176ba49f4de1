"""Teaching, an annex: lessons, votes and reports, with their part of the app and of the command line.

The rooms, from the lowest: notation, judging, course, classroom, dialogue, ui, cli. Begin with notation/lesson.py, then
course/course.py. main.py uses cli/ alone.
"""
