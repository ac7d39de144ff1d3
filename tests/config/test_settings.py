"""Deployment settings."""

from pathlib import Path

import pytest

from config.errors import ConfigError
from config.settings import load_settings

GOOD = 'school = "oakfield"\nschool_name = "Oakfield Primary"\n[gateway]\nlisten_port = 3128\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "fairgate.toml"


def test_a_small_file_is_enough(path: Path) -> None:
    path.write_text(GOOD, "utf-8")
    settings = load_settings(path)
    assert (settings.school, settings.gateway.listen_port, settings.store.backend) == ("oakfield", 3128, "embedded")


def test_the_environment_wins_over_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_text(GOOD, "utf-8")
    monkeypatch.setenv("FAIRGATE_GATEWAY__LISTEN_PORT", "9999")
    settings = load_settings(path)
    assert settings.gateway.listen_port == 9999


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('school_name = "Oakfield"\n', "line 1: school: found nothing"),
        (GOOD.replace("oakfield", "Oak Field"), "line 1: school: found 'Oak Field'"),
        (GOOD.replace("3128", "70000"), "line 4: gateway.listen_port: found 70000"),
        (GOOD.replace("listen_port", "listenport"), "line 4: gateway.listenport: found 3128; allowed: no such key"),
        (GOOD + '[gateway.upstream]\nproxy = "filter:3128"\n', "line 6: gateway.upstream.proxy: found 'filter:3128'"),
        (GOOD + '[gateway.upstream]\nforward = "x_forwarded_for"\n', "line 5: gateway.upstream: found"),
        (GOOD + '[gateway.upstream]\nforward = "all"\n', "line 6: gateway.upstream.forward: found 'all'"),
        (GOOD + "[stor]\n", "line 5: stor: found"),
        (GOOD + '[store]\nbackend = "mysql"\n', "line 6: store.backend: found 'mysql'"),
    ],
)
def test_every_mistake_names_file_line_key_found_and_allowed(path: Path, text: str, says: str) -> None:
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as fault:
        load_settings(path)
    assert f"{path}, {says}" in str(fault.value)
    assert "allowed: " in str(fault.value)


def test_every_mistake_is_named_at_once(path: Path) -> None:
    path.write_text('school = "X"\n[gateway]\nworkers = 0\n', "utf-8")
    with pytest.raises(ConfigError) as fault:
        load_settings(path)
    keys = {line.split(": ")[1] for line in str(fault.value).splitlines()}
    assert keys == {"school", "school_name", "gateway.workers"}


def test_an_absent_file_says_how_to_make_one(path: Path) -> None:
    with pytest.raises(ConfigError, match=r"does not exist\. Make it with `fairgate init`"):
        load_settings(path)


@pytest.mark.parametrize(("text", "says"), [("school = \n", "line 1"), ("\n\nschool\n", "line 3")])
def test_broken_toml_is_refused_with_its_line(path: Path, text: str, says: str) -> None:
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=f"not valid TOML: .*{says}"):
        load_settings(path)


def test_settings_cannot_be_changed_once_loaded(path: Path) -> None:
    path.write_text(GOOD, "utf-8")
    settings = load_settings(path)
    with pytest.raises(ValueError, match="frozen"):
        settings.__setattr__("school", "other")
