"""What one application serves."""

import pytest
from flask import Flask

from dashboard.school import keep_school, school
from tests.dashboard.small_school import SmallSchool


def test_each_application_has_its_own_school(filled: SmallSchool) -> None:
    server = Flask("one")
    keep_school(server.extensions, filled.here)
    with server.app_context():
        assert school() is filled.here
        assert school().demonstration
    with Flask("other").app_context(), pytest.raises(KeyError):
        school()
