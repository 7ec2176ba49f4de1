"""Teaching, an annex: lessons, answers and their judging, classes; with their part of app and command line."""
