"""Attributes for screen readers."""

from dashboard.aria import aria


def test_aria_spells_attributes() -> None:
    assert aria(label="Gaps", hidden=True, pressed=False) == {
        "aria-label": "Gaps",
        "aria-hidden": "true",
        "aria-pressed": "false",
    }
