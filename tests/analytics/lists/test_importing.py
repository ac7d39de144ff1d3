"""From a file or a publisher to lists that wait."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.lists.importing import declared, import_file, opened_shelf, update_list
from analytics.lists.shelf import Shelf
from config.errors import ConfigError, FairgateError
from config.policy import Policy
from config.state import StateFolder
from tests.analytics.lists.small_lists import listed, policy
from tests.analytics.lists.test_fetching import Publisher

PLAIN = policy(listed("plain", ()), *policy().imported)


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    return StateFolder(tmp_path / "state").prepare()


@pytest.fixture
def shelf(state: StateFolder) -> Iterator[Shelf]:
    with opened_shelf(state) as opened:
        yield opened


def file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "list.txt"
    path.write_text(text)
    return path


def test_a_file_becomes_a_waiting_list_with_all_that_was_wrong_told(shelf: Shelf, tmp_path: Path) -> None:
    done = import_file(shelf, PLAIN, "plain", file(tmp_path, "a.example\nco.uk\nb.example\n"))
    assert (done.names, done.faults.bad.total()) == (2, 1)
    assert done.difference.changes == {("plain", "="): (2, 0)}
    waiting = shelf.waiting()
    assert waiting is not None
    assert waiting.find("a.example")
    assert shelf.in_force() is None


def test_the_format_and_category_may_be_said_at_the_import(shelf: Shelf, tmp_path: Path) -> None:
    path = file(tmp_path, "||a.example^\n")
    done = import_file(shelf, PLAIN, "plain", path, "adblock", "audience_measurement")
    assert done.difference.changes == {("plain", "=audience_measurement"): (1, 0)}


@pytest.mark.parametrize(
    ("key", "form", "category", "why"),
    [
        ("other", None, None, r"declares no imported list 'other' \(it has: plain, careful, rough\)"),
        ("plain", None, "games_and_fun", "found 'games_and_fun'; allowed: a category"),
        ("rough", None, "adult", "has its own categories"),
        ("rough", "plain", None, "Say what it lists, with --category"),
        ("rough", "csv", None, "allowed: a heading"),
        ("rough", None, None, "not a whole tar archive"),
    ],
)
def test_what_cannot_be_imported_changes_nothing(
    shelf: Shelf, tmp_path: Path, key: str, form: str | None, category: str | None, why: str
) -> None:
    with pytest.raises(ConfigError, match=why):
        import_file(shelf, PLAIN, key, file(tmp_path, "a.example\n"), form, category)  # type: ignore[arg-type]
    assert (shelf.waiting(), shelf.in_force()) == (None, None)


def test_a_missing_file_is_told(shelf: Shelf, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        import_file(shelf, PLAIN, "plain", tmp_path / "none")


def test_a_list_must_be_declared_and_the_error_shows_how() -> None:
    with pytest.raises(ConfigError, match=r"\[mine\]\ntitle"):
        declared(PLAIN, "mine")


def test_only_one_command_at_a_time(state: StateFolder, shelf: Shelf) -> None:
    assert shelf.waiting() is None
    with pytest.raises(FairgateError, match="Another fairgate lists"), opened_shelf(state):
        pytest.fail("a second one was let in")


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    running = Publisher()
    running.headers["Last-Modified"] = ""
    yield running
    running.close()


def published(publisher: Publisher) -> Policy:
    return replace(PLAIN, list_sources={**PLAIN.list_sources, "plain": publisher.source()})


def test_an_update_waits_and_is_not_fetched_twice(shelf: Shelf, publisher: Publisher) -> None:
    made = published(publisher)
    done = update_list(shelf, made, "plain")
    assert done is not None
    assert done.names == 1
    assert shelf.in_force() is None
    assert update_list(shelf, made, "plain") is None
    assert [etag for _, etag in publisher.asked] == [None, '"one"']


def test_a_tag_is_only_trusted_for_the_content_that_is_here(shelf: Shelf, publisher: Publisher, tmp_path: Path) -> None:
    made = published(publisher)
    update_list(shelf, made, "plain")
    import_file(shelf, made, "plain", file(tmp_path, "other.example\n"))
    assert update_list(shelf, made, "plain") is not None
    assert [etag for _, etag in publisher.asked] == [None, None]


def test_a_broken_update_leaves_what_waits_and_what_is_in_force(shelf: Shelf, publisher: Publisher) -> None:
    made = published(publisher)
    update_list(shelf, made, "plain")
    version = shelf.apply().version
    publisher.files["/list.txt"], publisher.headers["ETag"] = b"co.uk\n", '"two"'
    with pytest.raises(ConfigError, match="holds nothing to import"):
        update_list(shelf, made, "plain")
    in_force = shelf.in_force()
    assert in_force is not None
    assert (in_force.version, shelf.waiting()) == (version, None)


def test_an_update_is_as_old_as_its_publisher_says(shelf: Shelf, publisher: Publisher) -> None:
    publisher.headers["Last-Modified"] = "Mon, 02 Nov 2026 10:00:00 GMT"
    made = published(publisher)
    made = replace(made, list_sources={"plain": publisher.source(oldest_days=3_660)})
    update_list(shelf, made, "plain")
    assert shelf.apply().lists[0].taken_ms == 1_793_613_600_000
