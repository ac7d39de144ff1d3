"""What one dashboard serves: one school's settings, governance, policy and store, and who is asking.

Owns the `School` that hangs on the Flask application; nothing here is a global, so two schools can be served in one
process by two applications.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from flask import current_app

from analytics.governance import Governance
from analytics.store import EventStore
from config.policy import Policy
from config.settings import Settings
from config.state import StateFolder

_KEY = "fairgate"


@dataclass(frozen=True, slots=True)
class School:
    """Everything a page may draw on, apart from the viewer."""

    settings: Settings
    state: StateFolder
    governance: Governance
    store: EventStore
    policy: Policy

    @property
    def demonstration(self) -> bool:
        return self.state.demonstration


def keep_school(extensions: dict[str, object], school: School) -> None:
    """Hang `school` on a Flask application's extensions."""
    extensions[_KEY] = school


def school() -> School:
    """The school of the application now answering."""
    return cast(School, cast(Mapping[str, object], current_app.extensions)[_KEY])
