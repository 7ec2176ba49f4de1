"""An app whose time the test owns."""

from app_fixtures import clock, compare, large_file, make_app, no_waiting, room  # noqa: F401
