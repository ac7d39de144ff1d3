"""What screen readers are told beside the text. Owns the spelling of those attributes, and nothing else."""

from typing import Any


def aria(**said: str | bool) -> dict[str, Any]:
    """aria(label="Gaps", hidden=True) as the attributes aria-label and aria-hidden."""
    return {f"aria-{name}": str(value).lower() if isinstance(value, bool) else value for name, value in said.items()}
