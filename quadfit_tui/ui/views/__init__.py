"""Views: each module makes a ChartSpec or a TextPage of a Scene.

Begin with fit.py; scene.py is what a view draws from, view_table.py has the tables VIEWS and OPTIONS. Others use these
two, Scene and `scene_of`.
"""
