"""The assembled application."""

import stat
from pathlib import Path

import pytest

from config.errors import ConfigError
from config.settings import Settings
from config.state import StateFolder
from dashboard.app import Pages, create_app
from dashboard.school import school
from tests.dashboard.small_school import SmallSchool, call, found, signed_in


def test_it_starts_while_the_store_is_down_and_says_so(tmp_path: Path, filled: SmallSchool) -> None:
    made = found(tmp_path, filled.here.store)
    made.here.governance.close()
    app = create_app(made.here.settings, made.here.state)
    assert "The store is not answering" in call(app, signed_in(app, "head"), "status").text
    close_school(app)


def test_a_school_that_was_not_set_up_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="fairgate init"):
        create_app(Settings(school="oakfield", school_name="Oakfield"), StateFolder(tmp_path).prepare())


def test_the_start_page_loads_nothing_from_outside(app: Pages) -> None:
    page = signed_in(app, "head").get("/").text
    assert "//" not in page.replace("http-equiv", "").split("<body>")[0]
    assert "https://" not in page
    assert '<html lang="en-GB">' in page


def test_scripts_that_must_run_first_do(app: Pages) -> None:
    page = signed_in(app, "head").get("/").text
    assert page.index("style-nonce.js") < page.index("dash_mantine_components")


def test_the_form_key_is_made_once_and_kept_private(filled: SmallSchool) -> None:
    path = filled.here.state.dashboard / "form-secret"
    before = path.read_text("ascii")
    filled.app()
    assert path.read_text("ascii") == before
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_layout_is_made_for_each_viewer(app: Pages) -> None:
    head, chair = (signed_in(app, user).get("/_dash-layout").text for user in ("head", "chair"))
    assert "Harriet Vane-Cole" in head
    assert "Harriet Vane-Cole" not in chair


def test_an_endless_form_is_cut_off(app: Pages) -> None:
    client = signed_in(app, "head")
    answer = client.post("/sign-in", data={"username": "x" * 2_000_000}, headers={"Origin": "http://localhost"})
    assert answer.status_code == 413


def close_school(app: Pages) -> None:
    with app.server.app_context():
        school().governance.close()
        school().store.close()
