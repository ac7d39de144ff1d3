"""The project's own files, as a clone would have them: what the tests about the repository look at."""

import functools
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("config", "analytics", "proxy_addons", "dashboard")
_NEVER_TRACKED = (".venv", ".uv", "build", "dist", ".git", "demo-state", "__pycache__")


@functools.cache
def tracked_files() -> tuple[Path, ...]:
    """Every file git tracks or would track, relative to the top; without git, every file that is no product."""
    asked = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(asked, check=True, capture_output=True).stdout.decode().split("\0")
        found = [Path(name) for name in listed if name]
    except (OSError, subprocess.CalledProcessError):
        found = [path.relative_to(ROOT) for path in ROOT.rglob("*") if _belongs(path.relative_to(ROOT))]
    return tuple(sorted(path for path in found if (ROOT / path).is_file()))


def source_modules() -> tuple[Path, ...]:
    """Every Python file of the product itself, relative to the top."""
    return tuple(
        path for path in tracked_files() if path.suffix == ".py" and (path.parts[0] in PACKAGES or len(path.parts) == 1)
    )


def _belongs(path: Path) -> bool:
    return not any(part in _NEVER_TRACKED or part.endswith("_cache") for part in path.parts)
