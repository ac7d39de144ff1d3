"""A school's own copy of the policy, to change in tests."""

import shutil
from pathlib import Path

from config.policy import SHIPPED


def copy_policy(root: Path) -> Path:
    """The folder of a copy below `root`, its lists.toml beside it."""
    shutil.copytree(SHIPPED, root / "school")
    shutil.copy(SHIPPED.parent / "lists.toml", root)
    return root / "school"


def change(path: Path, old: str, new: str) -> None:
    """Put `new` for the first `old` in the file at `path`, which holds it."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
