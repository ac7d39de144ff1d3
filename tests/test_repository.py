"""What a newcomer runs: make's targets, the set-up, CI, the hooks, and the papers that stand beside the code."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.tracked import ROOT

TARGETS = ("setup", "run", "test", "test-all", "test-long", "check", "bench", "clean", "help")
SET_UP_FILES = ("uv.lock", "pyproject.toml", ".python-version", ".ci/setup")
TOOLS = ("sh", "env", "cat", "cut", "cksum", "dirname", "rm", "printf", "pwd")


def make(*arguments: str) -> str:
    # These tests may run inside a make, whose level and flags would change what this one prints.
    plain = {name: value for name, value in os.environ.items() if name not in {"MAKELEVEL", "MAKEFLAGS", "MFLAGS"}}
    return subprocess.run(["make", *arguments], cwd=ROOT, env=plain, capture_output=True, text=True, check=True).stdout


def pyproject() -> dict[str, dict[str, object]]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def test_make_alone_names_every_target() -> None:
    shown = make()
    assert [target for target in TARGETS if f"make {target} " not in shown] == []


@pytest.mark.parametrize("target", [target for target in TARGETS if target not in {"help", "clean", "setup"}])
def test_every_target_sets_up_first_so_it_works_from_a_bare_clone(target: str) -> None:
    assert make("--dry-run", target).splitlines()[0] == ".ci/setup"


def test_the_fast_tests_leave_out_what_is_slow_and_all_leave_out_the_soaks() -> None:
    assert '-m "not slow and not soak"' in make("--dry-run", "test")
    assert '-m "not soak"' in make("--dry-run", "test-all")
    assert "-m soak" in make("--dry-run", "test-long")


def test_check_runs_style_types_and_import_order() -> None:
    commands = make("--dry-run", "check")
    for command in ("ruff check .", "ruff format --check .", "bin/mypy", "lint-imports"):
        assert command in commands


@pytest.mark.parametrize("script", [".ci/run", ".ci/setup"])
def test_scripts_can_be_executed_and_are_sound(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
    shell = "bash" if script == ".ci/run" else "sh"
    subprocess.run([shell, "-n", ROOT / script], check=True)


def test_ci_runs_what_the_readme_tells_people_to_run() -> None:
    assert "make --no-print-directory test-all" in (ROOT / ".ci" / "run").read_text("utf-8")
    assert "make test-all" in (ROOT / "README.md").read_text("utf-8")


def test_every_make_target_the_papers_name_exists() -> None:
    papers = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md")]
    named = {target for paper in papers for target in re.findall(r"`make ([a-z-]+)", paper.read_text("utf-8"))}
    assert named <= {*TARGETS, "format"}
    assert {"setup", "test", "check"} <= named


# --- the set-up script ---------------------------------------------------------------------------------------------


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A clone with nothing made in it yet, and beside it a folder of the few programs a script may count on."""
    clone = tmp_path / "clone"
    (clone / ".ci").mkdir(parents=True)
    for name in SET_UP_FILES:
        shutil.copy(ROOT / name, clone / name)
    programs = tmp_path / "bin"
    programs.mkdir()
    for tool in TOOLS:
        if found := shutil.which(tool):
            (programs / tool).symlink_to(found)
    return clone


def set_up(clone: Path, *, programs: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the set-up with no program on the path but those in `programs`."""
    path = str(programs or clone.parent / "bin")
    nowhere = str(clone.parent / "nowhere")
    # Absolute paths that the script tries last are put out of its reach, so that the machine's own Python is not found.
    script = clone / ".ci" / "setup"
    script.write_text(
        script.read_text("utf-8").replace("/usr/", f"{nowhere}/").replace("/opt/", f"{nowhere}/"), "utf-8"
    )
    return subprocess.run(
        ["/bin/sh", script], env={"PATH": path, "HOME": nowhere}, capture_output=True, text=True, cwd=clone.parent
    )


def test_without_python_and_uv_set_up_says_in_one_sentence_what_to_install(bare: Path) -> None:
    ended = set_up(bare)
    assert ended.returncode == 1
    last = ended.stderr.strip().splitlines()[-1]
    assert last.startswith("setup: neither uv nor Python was found: install Python 3.13")


def test_a_pyenv_shim_that_does_not_run_is_no_python(bare: Path) -> None:
    shim = bare.parent / "bin" / "python3"
    shim.write_text("#!/bin/sh\necho 'version 3.13 is not installed' >&2\nexit 127\n")
    shim.chmod(0o755)
    assert "neither uv nor Python was found" in set_up(bare).stderr


def _uv_that_fails(clone: Path) -> None:
    uv = clone.parent / "bin" / "uv"
    uv.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo "uv 0.0.1" && exit 0\necho "cannot read this lock" >&2\nexit 2\n'
    )
    uv.chmod(0o755)


def test_a_uv_that_cannot_do_it_is_replaced_or_the_failure_is_said(bare: Path) -> None:
    _uv_that_fails(bare)
    ended = set_up(bare)
    assert ended.returncode == 1
    assert "this uv could not do it" in ended.stderr
    assert not (bare / ".venv" / "fairgate-setup").exists()


def _made(clone: Path) -> None:
    """What a finished set-up leaves: an environment that runs, and the stamp of what it was made from."""
    binaries = clone / ".venv" / "bin"
    binaries.mkdir(parents=True)
    (binaries / "python").symlink_to(sys.executable)
    (binaries / "fairgate").write_text("#!/bin/sh\n")
    (binaries / "fairgate").chmod(0o755)
    script = (clone / ".ci" / "setup").read_text("utf-8")
    wanted = script[script.index("wanted() {") : script.index("is_python() {")]
    stamp = subprocess.run(
        ["/bin/sh", "-c", f"here=$(pwd -P)\n{wanted}\nwanted"], cwd=clone, capture_output=True, check=True
    ).stdout
    (clone / ".venv" / "fairgate-setup").write_bytes(stamp)


def test_a_second_run_sees_that_nothing_changed_and_does_nothing(bare: Path) -> None:
    nowhere = str(bare.parent / "nowhere")
    script = bare / ".ci" / "setup"
    script.write_text(
        script.read_text("utf-8").replace("/usr/", f"{nowhere}/").replace("/opt/", f"{nowhere}/"), "utf-8"
    )
    _made(bare)
    ended = set_up(bare)
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""


@pytest.mark.parametrize("name", SET_UP_FILES[:3])
def test_a_change_of_what_it_was_made_from_makes_it_anew(bare: Path, name: str) -> None:
    _made(bare)
    with (bare / name).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert set_up(bare).returncode == 1  # it tries again, and there is nothing to make it with


# --- the papers ----------------------------------------------------------------------------------------------------


def test_the_licence_is_apache_2_whole() -> None:
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert pyproject()["project"]["license"] == "Apache-2.0"


def test_the_changelog_is_kept_and_knows_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.search(r"^## \[Unreleased\]$", text, re.MULTILINE)
    headings = re.findall(r"^### (.+)$", text, re.MULTILINE)
    assert set(headings) <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_hooks_are_local_so_that_a_commit_fetches_nothing() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    assert {repository["repo"] for repository in hooks["repos"]} == {"local"}
    for hook in hooks["repos"][0]["hooks"]:
        assert hook["language"] == "system"
        assert hook["entry"].startswith((".venv/bin/", "make "))


def test_python_is_the_same_everywhere() -> None:
    wanted = (ROOT / ".python-version").read_text("ascii").strip()
    assert wanted == "3.13"
    assert f"python:{wanted}-slim" in (ROOT / "Dockerfile").read_text("utf-8")
    assert pyproject()["project"]["requires-python"] == ">=3.12"


def test_each_dependency_group_carries_only_its_own() -> None:
    groups = pyproject()["dependency-groups"]
    gateway, server = json.dumps(groups["gateway"]), json.dumps(groups["server"])
    assert "mitmproxy" in gateway
    assert "mitmproxy" not in server
    for name in ("chdb", "pandas", "dash", "clickhouse-driver", "sqlalchemy"):
        assert name in server
        assert name not in gateway
