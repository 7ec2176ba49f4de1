"""An app whose time the test owns."""

from app_fixtures import clock, make_app, no_waiting  # noqa: F401
