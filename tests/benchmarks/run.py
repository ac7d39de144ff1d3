"""`make bench`: every measurement of tests/benchmarks, into build/bench.json.

Owns the order and the file. Promises: one measurement that fails costs the others nothing, is named on the screen and
makes the exit status 1; a name that two modules give is a fault, never silently one of them.
"""

import importlib
import json
import os
import pkgutil
import platform
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import tests.benchmarks
from tests.tracked import ROOT

OUT = ROOT / "build" / "bench.json"

Measure = Callable[[], dict[str, float]]


def main(only: Iterable[str] = ()) -> int:
    """Run the measurements named in `only`, or all; 0 where none failed."""
    figures: dict[str, float] = {}
    failed: list[str] = []
    for name in list(only) or modules():
        _tell(f"bench: {name} ...")
        begun = time.monotonic()
        try:
            _merge(figures, _measure(name)(), name)
        except Exception:
            failed.append(name)
            _tell(traceback.format_exc())
        _tell(f"bench: {name} took {time.monotonic() - begun:.0f} s")
    write(OUT, figures, failed)
    _tell("\n".join(f"  {name:<44} {value:>14,.4g}" for name, value in sorted(figures.items())))
    _tell(f"bench: wrote {OUT.relative_to(ROOT)}" + (f"; failed: {', '.join(failed)}" if failed else ""))
    return 1 if failed else 0


def modules() -> list[str]:
    """Names of the modules of this package that measure something, in order."""
    found = [module.name for module in pkgutil.iter_modules(tests.benchmarks.__path__)]
    return sorted(name for name in found if name != "run" and _measures(name))


def write(path: Path, figures: dict[str, float], failed: list[str]) -> None:
    """The figures with the machine they were measured on: absolute ones mean nothing without it."""
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "machine": platform.machine()}
    told = {**figures, "_machine": machine, "_date": datetime.now(UTC).strftime("%Y-%m-%d"), "_failed": failed}
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(told, indent=2, sort_keys=True) + "\n", "utf-8")


def _measures(name: str) -> bool:
    source = Path(next(iter(tests.benchmarks.__path__))) / f"{name}.py"
    return source.is_file() and "\ndef measure(" in source.read_text("utf-8")


def _measure(name: str) -> Measure:
    measure: Measure = importlib.import_module(f"tests.benchmarks.{name}").measure
    return measure


def _merge(figures: dict[str, float], more: dict[str, float], name: str) -> None:
    if twice := figures.keys() & more.keys():
        raise ValueError(f"{name} gives {', '.join(sorted(twice))}, which another measurement gave already")
    figures |= more


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
