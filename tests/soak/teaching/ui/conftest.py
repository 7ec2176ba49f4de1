"""An app with lessons, whose time the test owns."""

from app_fixtures import clock, no_waiting  # noqa: F401
from app_fixtures import make_app as make_plain_app  # noqa: F401
from lesson_app_fixtures import make_app, short_shows  # noqa: F401
