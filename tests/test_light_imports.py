"""What each process carries: the gateway loads no database or page library, the front door nearly nothing."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tracked import ROOT, source_modules

SERVERS = {"pandas", "pyarrow", "chdb", "clickhouse_driver", "sqlalchemy", "alembic", "dash", "plotly"}
HEAVY = SERVERS | {"mitmproxy", "typst", "numpy"}
VERIFIER = ROOT / "analytics" / "evidence" / "verify.py"
ADDONS = [path for path in source_modules() if path.parts[0] == "proxy_addons" and path.stem != "__init__"]


def loaded_by(code: str) -> set[str]:
    """Top-level names of all modules that a fresh Python has loaded after `code`."""
    asked = f"{code}\nimport sys; print('LOADED', *{{name.partition('.')[0] for name in sys.modules}})"
    ended = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return set(ended.stdout.rpartition("LOADED")[2].split())


def top_level_imports(path: Path) -> set[str]:
    """What loading the file at `path` imports, and what its functions import when called."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def test_the_addons_load_nothing_of_the_server_s() -> None:
    # gateway.py is mitmproxy's script: it is loaded by mitmproxy, never imported by name.
    names = [".".join(path.with_suffix("").parts) for path in ADDONS if path.stem != "gateway"]
    loaded = loaded_by("import " + ", ".join(names))
    assert "mitmproxy" in loaded
    assert loaded & SERVERS == set()


def test_the_stock_mitmdump_script_loads_nothing_of_the_server_s_either(tmp_path: Path) -> None:
    code = (
        f"import os, runpy; os.environ['FAIRGATE_STATE'] = {str(tmp_path)!r}\n"
        f"try: runpy.run_path({str(ROOT / 'proxy_addons' / 'gateway.py')!r}, run_name='script')\n"
        "except BaseException as fault: print(type(fault).__name__)"
    )
    assert loaded_by(code) & SERVERS == set()


def test_the_front_door_loads_nothing_heavy() -> None:
    assert loaded_by("import fairgate") & HEAVY == set()


def test_help_loads_nothing_heavy() -> None:
    code = "import sys, fairgate\nsys.argv = ['fairgate', '--help']\ntry: fairgate.main()\nexcept SystemExit: pass"
    assert loaded_by(code) & HEAVY == set()


def test_help_works_and_names_every_command() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "fairgate", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "200"},
    )
    if ended.returncode == 0 and not ended.stdout:
        pytest.fail("`python -m fairgate` prints nothing: main is not called")
    for command in (
        "demo",
        "gateway",
        "store",
        "dashboard",
        "judge",
        "report",
        "verify",
        "init",
        "publish",
        "health",
        "lists",
        "people",
        "devices",
        "told",
    ):
        assert f" {command} " in ended.stdout


def test_the_configuration_layer_imports_nothing_of_ours() -> None:
    assert (
        loaded_by("import config.settings, config.state, config.errors, config.policy")
        & {
            *("analytics", "proxy_addons", "dashboard", "fairgate"),
            *HEAVY,
        }
        == set()
    )


def test_the_verifier_needs_the_standard_library_and_cryptography_only() -> None:
    assert top_level_imports(VERIFIER) <= {*sys.stdlib_module_names, "cryptography"}


def test_the_verifier_is_one_file_that_runs_by_itself(tmp_path: Path) -> None:
    alone = tmp_path / "verify.py"
    alone.write_bytes(VERIFIER.read_bytes())
    absent = tmp_path / "none.zip"
    ended = subprocess.run([sys.executable, "-I", alone, absent], cwd=tmp_path, capture_output=True, text=True)
    assert ended.returncode != 0
    assert "Traceback" not in ended.stderr
    assert "none.zip" in ended.stdout + ended.stderr
