"""The views: each module makes a ChartSpec or a TextPage of a Scene; view_table.py has them by name."""
