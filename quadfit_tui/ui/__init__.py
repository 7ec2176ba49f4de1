"""The app: what is on the screen, the keys, and the way to the terminal.

The rooms, from the lowest: toolkit, display, terminal, tasks, fields and charts, views, form and widgets, screens, then
commands. Begin with app.py. Others use QuadfitApp from it, and Teaching (teaching.py), the plug for whoever teaches.
"""
