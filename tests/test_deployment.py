"""The containers and services: everything they name exists, and nothing is more open than it must be.

Docker does not run where these tests do, so what can be known from the files is checked here: paths, variables,
commands, accounts, health checks. The dependency groups are proven by tests/test_light_imports.py.
"""

import re
import shlex
import subprocess
from typing import Any

import pytest
import typer
import yaml
from pydantic import BaseModel

import fairgate
from config.settings import IdentitySettings, Settings, load_settings
from tests.tracked import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
LASTING = [name for name, service in SERVICES.items() if service["restart"] != "no"]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
PINNED = re.compile(r"^[a-z0-9./-]+:\d+(\.\d+)+$|^python:\d\.\d+-slim-bookworm$")


def cli_commands() -> set[str]:
    group = typer.main.get_command(fairgate.app)
    return set(group.commands)  # type: ignore[attr-defined]  # a Typer app with several commands is a click group


def setting(variable: str) -> bool:
    """Whether a FAIRGATE_ variable sets a field that exists."""
    model: type[BaseModel] = Settings
    *sections, key = variable.removeprefix("FAIRGATE_").lower().split("__")
    for section in sections:
        inner = model.model_fields[section].annotation if section in model.model_fields else None
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return False
        model = inner
    return key in model.model_fields


def variables(service: dict[str, Any]) -> dict[str, str]:
    return {name: value for name, value in service.get("environment", {}).items() if name.startswith("FAIRGATE_")}


# --- docker-compose.yml --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SERVICES)
def test_images_are_pinned(name: str) -> None:
    assert PINNED.match(SERVICES[name]["image"])


def test_clickhouse_is_a_long_term_support_line() -> None:
    # ClickHouse names two lines a year: .3 and .8.
    assert re.fullmatch(r"clickhouse/clickhouse-server:\d\d\.[38](\.\d+)*", SERVICES["clickhouse"]["image"])


@pytest.mark.parametrize("name", SERVICES)
def test_every_bind_mount_and_build_target_exists(name: str) -> None:
    for volume in SERVICES[name].get("volumes", []):
        source = volume.split(":")[0]
        assert (ROOT / source).exists() if source.startswith(".") else source in COMPOSE["volumes"]
    if build := SERVICES[name].get("build"):
        assert (ROOT / build["context"] / "Dockerfile").is_file()
        assert f" AS {build['target']}\n" in DOCKERFILE


def test_every_volume_is_used_and_every_config_file_exists() -> None:
    used = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert set(COMPOSE["volumes"]) == {name for name in used if not name.startswith(".")}
    for config in COMPOSE["configs"].values():
        assert (ROOT / config["file"]).is_file()


@pytest.mark.parametrize("name", SERVICES)
def test_every_variable_sets_a_setting_that_exists(name: str) -> None:
    assert [variable for variable in variables(SERVICES[name]) if not setting(variable)] == []


@pytest.mark.parametrize("name", LASTING)
def test_the_settings_of_every_service_can_be_loaded(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in variables(SERVICES[name]).items():
        monkeypatch.setenv(variable, value)
    settings = load_settings(ROOT / COMPOSE["configs"]["fairgate_settings"]["file"])
    assert settings.store.backend == (
        "server" if "FAIRGATE_STORE__BACKEND" in variables(SERVICES[name]) else "embedded"
    )


def test_a_variable_that_sets_nothing_would_be_found() -> None:
    assert not setting("FAIRGATE_STORE__HOTS")
    assert not setting("FAIRGATE_NO__HOST")
    assert setting("FAIRGATE_STORE__HOST")


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "clickhouse"])
def test_every_command_is_one_of_fairgate_s(name: str) -> None:
    service = SERVICES[name]
    words = service["entrypoint"] if "entrypoint" in service else ["fairgate", *service["command"]]
    assert words[0] == "fairgate"
    assert words[1] in cli_commands()


@pytest.mark.parametrize("name", LASTING)
def test_every_lasting_service_has_a_health_check(name: str) -> None:
    check = SERVICES[name]["healthcheck"]["test"]
    if name != "clickhouse":
        process = SERVICES[name]["command"][0]
        assert check[:4] == ["CMD", "fairgate", "health", process]


@pytest.mark.parametrize("name", SERVICES)
def test_containers_may_do_no_more_than_they_must(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["user"] not in {"0", "root", "0:0"}
    assert service["ulimits"]["core"] == 0
    assert "privileged" not in service


def test_only_the_proxy_and_the_portal_are_reachable_and_the_dashboard_from_this_machine() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    portal = [f"{port}:{port}" for port in (IdentitySettings().portal_port, IdentitySettings().portal_tls_port)]
    assert published == {"gateway": ["8080:8080", *portal], "dashboard": ["127.0.0.1:8050:8050"]}


def test_the_gateway_finds_the_portal_and_the_socket_where_it_looks_for_them() -> None:
    assert SERVICES["identity"]["network_mode"] == "service:gateway"
    assert COMPOSE["volumes"]["run"]["driver_opts"]["type"] == "tmpfs"


def test_the_store_s_network_has_no_way_out_and_the_gateway_is_not_on_it() -> None:
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert SERVICES["clickhouse"]["networks"] == ["inside"]
    assert SERVICES["gateway"]["networks"] == ["outside"]


def test_each_container_sees_only_its_own_part_of_the_state() -> None:
    seen = {name: {volume.split(":")[0] for volume in SERVICES[name].get("volumes", [])} for name in LASTING}
    assert seen["gateway"] == {"run", "gateway", "spool", "snapshot", "lists"}
    assert seen["identity"] == {"run", "gateway", "spool", "snapshot"}
    assert seen["loader"] == {"spool", "governance", "snapshot"}
    assert seen["dashboard"] == {"governance", "dashboard", "snapshot"}


def test_the_gateway_starts_only_once_peoples_decisions_were_handed_to_it() -> None:
    assert SERVICES["gateway"]["depends_on"] == {"publish": {"condition": "service_completed_successfully"}}
    publish = SERVICES["publish"]
    assert publish["command"][0] == "publish"
    assert {volume.split(":")[0] for volume in publish["volumes"]} == {"governance", "snapshot"}
    assert publish["network_mode"] == "none"


def test_secrets_are_files_that_no_clone_and_no_image_holds_and_the_first_lines_say_how_to_make_them() -> None:
    opening = (ROOT / "docker-compose.yml").read_text("utf-8").partition("\nx-hardened")[0]
    for secret in COMPOSE["secrets"].values():
        path = secret["file"].removeprefix("./")
        assert f"> {path}" in opening
        ignored = subprocess.run(["git", "check-ignore", "--no-index", "-q", path], cwd=ROOT)
        assert ignored.returncode == 0
        assert not (ROOT / path).exists() or path.startswith("secrets/")
    assert not [
        name
        for service in SERVICES.values()
        for name in service.get("environment", {})
        if "PASSWORD" in name and not name.endswith("_FILE")
    ]


def test_a_service_that_reads_a_secret_is_given_it() -> None:
    for name, service in SERVICES.items():
        if "/run/secrets/" in yaml.safe_dump(service):
            assert service["secrets"] == ["clickhouse_password"], name


# --- Dockerfile ----------------------------------------------------------------------------------------------------


def test_every_file_the_dockerfile_copies_exists_and_reaches_the_builder() -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    copied = {
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
        for source in shlex.split(line)[:-1]
    }
    assert [source for source in copied if not (ROOT / source).exists()] == []
    assert copied == let_in


def test_every_stage_that_is_named_is_made_and_base_images_are_pinned() -> None:
    stages = re.findall(r"^FROM (\S+) AS (\S+)$", DOCKERFILE, re.MULTILINE)
    made = {stage for _, stage in stages}
    assert set(re.findall(r"--from=(\S+)", DOCKERFILE)) <= made
    assert [image for image, _ in stages if image not in made and not PINNED.match(image)] == []


def test_each_image_installs_its_own_group_from_the_lock() -> None:
    for group in ("gateway", "server"):
        stage = DOCKERFILE.partition(f" AS build-{group}\n")[2].partition("\nFROM")[0]
        assert f"--locked --no-cache --no-editable --no-default-groups --group {group}\n" in stage + "\n"


def test_images_run_as_a_plain_account_and_check_their_health() -> None:
    assert "USER 10001:10001" in DOCKERFILE.partition(" AS bare\n")[2]
    for target in ("gateway", "server"):
        stage = DOCKERFILE.partition(f" AS {target}\n")[2].partition("\nFROM")[0]
        assert "HEALTHCHECK" in stage
        command = re.search(r"^CMD (\[.*\])$", stage, re.MULTILINE)
        assert command is not None
        assert yaml.safe_load(command[1])[0] in cli_commands()


def test_uv_is_pinned_and_nothing_else_is_fetched() -> None:
    assert re.search(r"pip install .* uv==\d+\.\d+\.\d+", DOCKERFILE)
    assert not re.search(r"\b(curl|wget|apt-get|ADD)\b", DOCKERFILE)


# --- ClickHouse's own files ----------------------------------------------------------------------------------------


def test_clickhouse_writes_an_insert_to_disk_before_it_says_so() -> None:
    server = (ROOT / "config" / "deploy" / "clickhouse" / "server.xml").read_text("utf-8")
    assert "<fsync_after_insert>1<" in server
    assert "<fsync_part_directory>1<" in server
    assert "<async_insert>0<" in (ROOT / "config" / "deploy" / "clickhouse" / "users.xml").read_text("utf-8")
