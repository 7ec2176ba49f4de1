"""The parts of the main screen, each of which shows what it is told and posts messages. May import views, charts,
fields, tasks and terminal. Begin with form.py or chart_view.py.
"""
