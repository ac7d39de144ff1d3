"""The shape of the project: what stands where, how long a file and a function may be, that each has its test."""

import ast
import functools
import importlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.tracked import PACKAGES, ROOT, source_modules, tracked_files

TOP_LEVEL = {
    *("fairgate.py", "config", "proxy_addons", "analytics", "dashboard", "tests"),
    *("README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE"),
    *("pyproject.toml", "uv.lock", "Makefile", "Dockerfile", "docker-compose.yml"),
    *(".ci", ".python-version", ".gitignore", ".dockerignore", ".pre-commit-config.yaml"),
}
LINES_AT_MOST = 400
LINES_WITHOUT_A_REASON = 300
FUNCTION_LINES_AT_MOST = 60
MIDDLE_FILE_AT_MOST = 150
LONG_FOR_A_REASON: dict[str, str] = {
    "tests/analytics/test_kind.py": "one table of cases, read from top to bottom",
}
"""Files of more than 300 lines, each with why it must not be two."""

TESTED_ELSEWHERE: dict[str, str] = {
    "analytics/bindings/limits.py": "tests/analytics/test_registrar.py",
    "analytics/change_records.py": "tests/analytics/test_registrar.py",
    "analytics/queries/register.py": "tests/analytics/queries/test_reading.py",
    "analytics/evidence/favour.py": "tests/analytics/evidence/test_bundle.py",
    "analytics/evidence/report_wording.py": "tests/analytics/evidence/test_bundle.py",
    "analytics/governance/accounts.py": "tests/analytics/governance/test_sign_in.py",
    "analytics/governance/device_marks.py": "tests/analytics/governance/test_devices.py",
    "analytics/governance/devices_file.py": "tests/analytics/governance/test_device_commands.py",
    "analytics/governance/ids.py": "tests/analytics/governance/test_people.py",
    "analytics/governance/migrations/env.py": "tests/analytics/governance/test_database.py",
    "analytics/governance/migrations/upgrade.py": "tests/analytics/governance/test_database.py",
    "analytics/governance/migrations/versions/m0001_first.py": "tests/analytics/governance/test_database.py",
    "analytics/governance/migrations/versions/m0002_requests.py": "tests/analytics/governance/test_database.py",
    "analytics/governance/migrations/versions/m0003_devices.py": "tests/analytics/governance/test_database.py",
    "analytics/governance/permission_decider.py": "tests/analytics/governance/test_permission_requests.py",
    "analytics/governance/permission_rows.py": "tests/analytics/governance/test_permissions.py",
    "analytics/governance/request_rows.py": "tests/analytics/governance/test_permission_requests.py",
    "analytics/governance/session_rows.py": "tests/analytics/governance/test_sign_in.py",
    "analytics/nft/by_hand.py": "tests/analytics/nft/test_commands.py",
    "analytics/pending.py": "tests/analytics/test_loader.py",
    "analytics/rebuild.py": "tests/analytics/test_loader.py",
    "analytics/spool/folder_lock.py": "tests/analytics/spool/test_invariants.py",
    "analytics/spool/quarantine.py": "tests/analytics/spool/test_invariants.py",
    "analytics/spool/recovery.py": "tests/analytics/spool/test_invariants.py",
    "analytics/spool/segment.py": "tests/analytics/spool/test_invariants.py",
    "analytics/store/arrow_types.py": "tests/analytics/store/test_contract.py",
    "analytics/store/chain.py": "tests/analytics/test_loader_damage.py",
    "analytics/store/fast_events.py": "tests/analytics/test_loader.py",
    "analytics/store/faults.py": "tests/analytics/store/test_contract.py",
    "analytics/store/frames.py": "tests/analytics/store/test_contract.py",
    "analytics/store/progress.py": "tests/analytics/test_loader.py",
    "analytics/store/record_rows.py": "tests/analytics/test_loader.py",
    "analytics/store/sealed.py": "tests/analytics/test_loader.py",
    "analytics/store/socket_path.py": "tests/analytics/test_daemon.py",
    "analytics/store/statements.py": "tests/analytics/store/test_contract.py",
    "analytics/store/touched.py": "tests/analytics/test_loader.py",
    "config/policy_files.py": "tests/config/test_policy.py",
    "config/policy_table.py": "tests/config/test_policy.py",
    "dashboard/pages/permission_entries.py": "tests/dashboard/pages/test_permissions.py",
    "dashboard/pages/person_permissions.py": "tests/dashboard/pages/test_permissions.py",
    "proxy_addons/assembly.py": "tests/hostile/test_gateway_bad_start.py",
    "proxy_addons/beats.py": "tests/proxy_addons/test_supervise.py",
    "proxy_addons/gateway.py": "tests/end_to_end/test_gateway_under_mitmdump.py",
    "proxy_addons/header_limit.py": "tests/hostile/test_gateway_bad_traffic.py",
    "proxy_addons/master.py": "tests/end_to_end/test_gateway_recording.py",
    "proxy_addons/posture.py": "tests/hostile/test_gateway_bad_start.py",
    "proxy_addons/run.py": "tests/hostile/test_gateway_bad_start.py",
    "proxy_addons/http2_flow.py": "tests/hostile/test_gateway_http2_floods.py",
    "proxy_addons/trailers.py": "tests/end_to_end/test_gateway_protocols.py",
    "proxy_addons/worker_process.py": "tests/proxy_addons/test_supervise.py",
}
"""Source files without a test file of their own, each with the test file that proves it."""

NAMES_THAT_SAY_NOTHING = re.compile(r"(^|_)(utils?|helpers?|common|manager|base|misc)(_|$)")

PYTHON = [path for path in tracked_files() if path.suffix == ".py"]
SOURCES = list(source_modules())


def parsed(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text("utf-8"), str(path))


def length(path: Path) -> int:
    return len((ROOT / path).read_text("utf-8").splitlines())


def test_the_top_level_holds_what_it_should_and_nothing_else() -> None:
    assert {path.parts[0] for path in tracked_files()} == TOP_LEVEL


@pytest.mark.parametrize("path", PYTHON, ids=str)
def test_every_module_says_what_it_owns(path: Path) -> None:
    docstring = ast.get_docstring(parsed(path))
    assert docstring, f"{path} has no module docstring"
    if path in SOURCES:
        assert len(docstring) >= 30, f"{path}: the module docstring says next to nothing"


@pytest.mark.parametrize("path", PYTHON, ids=str)
def test_no_file_is_too_long(path: Path) -> None:
    assert length(path) <= LINES_AT_MOST
    assert length(path) <= LINES_WITHOUT_A_REASON or str(path) in LONG_FOR_A_REASON


def test_reasons_for_length_are_not_kept_when_the_file_became_short() -> None:
    stale = [name for name in LONG_FOR_A_REASON if not Path(ROOT / name).is_file() or length(Path(name)) <= 300]
    assert stale == []


def test_the_middle_source_file_is_short() -> None:
    lengths = sorted(length(path) for path in SOURCES)
    assert lengths[len(lengths) // 2] <= MIDDLE_FILE_AT_MOST


@pytest.mark.parametrize("path", PYTHON, ids=str)
def test_no_function_is_too_long(path: Path) -> None:
    functions = [node for node in ast.walk(parsed(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = {node.name: node.end_lineno - node.lineno + 1 for node in functions if node.end_lineno is not None}
    # A migration's steps are one list of tables and columns, and once released are never edited.
    if "versions" not in path.parts:
        assert {name: lines for name, lines in long.items() if lines > FUNCTION_LINES_AT_MOST} == {}


@pytest.mark.parametrize("path", PYTHON, ids=str)
def test_no_name_says_nothing(path: Path) -> None:
    assert not [part for part in path.with_suffix("").parts if NAMES_THAT_SAY_NOTHING.search(part)]


def covering(path: Path) -> set[str]:
    """The test files of `path`: in the mirrored folder, named after it or importing it, or its package."""
    folder = Path("tests", path.parent)
    names = {".".join(path.with_suffix("").parts)}
    if path.parent.name and next(iter(names)) in imports(path.parent / "__init__.py"):
        names.add(".".join(path.parent.parts))
    tests = [test for test in PYTHON if test.parent == folder and test.stem.startswith("test_")]
    return {str(test) for test in tests if test.stem.startswith(f"test_{path.stem}") or names & imports(test)}


@functools.cache
def imports(path: Path) -> frozenset[str]:
    """Every module that the file at `path` names in an import, `from a.b import c` counted as a.b and as a.b.c."""
    found: set[str] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(found)


@pytest.mark.parametrize("path", [path for path in SOURCES if path.stem != "__init__"], ids=str)
def test_every_source_file_has_its_test_file(path: Path) -> None:
    elsewhere = TESTED_ELSEWHERE.get(str(path))
    if elsewhere is None:
        assert covering(path), f"no test in tests/{path.parent} is named after {path.name} or imports it"
    else:
        assert (ROOT / elsewhere).is_file(), f"{path} is said to be tested by {elsewhere}, which is not there"


def test_what_is_tested_elsewhere_has_no_test_file_of_its_own() -> None:
    assert [name for name in TESTED_ELSEWHERE if covering(Path(name)) or not (ROOT / name).is_file()] == []


def test_every_folder_of_tests_is_a_package() -> None:
    folders = {path.parent for path in PYTHON if path.parts[0] == "tests"}
    assert [folder for folder in sorted(folders) if not (ROOT / folder / "__init__.py").is_file()] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_of_a_common_name_is_ours_and_no_dependency_s(package: str) -> None:
    file = importlib.import_module(package).__file__
    assert file is not None
    assert Path(file).resolve() == ROOT / package / "__init__.py"


@pytest.mark.parametrize("path", [path for path in SOURCES if path.parts[0] == "proxy_addons"], ids=str)
def test_no_addon_is_named_like_a_module_of_the_standard_library(path: Path) -> None:
    # mitmproxy puts the script's folder first on the module path while it loads the script.
    assert path.stem not in sys.stdlib_module_names


def test_every_part_of_analytics_has_its_place_in_the_import_order() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract.get("containers") == ["analytics"])
    placed = {name.split(".")[0] for name in re.findall(r"[a-z_.]+", " ".join(layers))}
    there = {path.parts[1].removesuffix(".py") for path in SOURCES if path.parts[0] == "analytics"}
    assert there - {"__init__"} - placed == set(), "name it in [tool.importlinter], so that its imports are checked"


def test_the_import_order_holds() -> None:
    linted = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert linted.returncode == 0, linted.stdout[-3000:] + linted.stderr[-1000:]
