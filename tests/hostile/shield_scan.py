"""Everything that a school's Fairgate left anywhere, as bytes that can be searched: files, what is packed inside them,
every row of the store, what processes said, and what pages show."""

import io
import subprocess
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

from analytics.store import EventStore
from dashboard.app import Pages
from tests.dashboard.small_school import call, said, sign_in

type Left = dict[str, bytes]
"""Where something stands, and what stands there."""

_KEPT = "SELECT database, name FROM system.tables WHERE engine LIKE '%MergeTree%' OR engine LIKE '%Log'"


def files(folder: Path) -> Left:
    """Each file below `folder`, its name too; of archives each member inflated, of PDF the text."""
    left: Left = {}
    for path in sorted(folder.rglob("*")):
        left[f"name of {path}"] = str(path).encode()
        if path.is_file() and not path.is_symlink():
            left |= opened(str(path), path.read_bytes())
    return left


def opened(where: str, data: bytes) -> Left:
    """`data`, and what is packed in it."""
    left = {where: data}
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                left |= opened(f"{where}!{name}", archive.read(name))
    if data.startswith(b"%PDF"):
        with tempfile.NamedTemporaryFile(suffix=".pdf") as pdf:
            pdf.write(data)
            pdf.flush()
            left[f"{where} as text"] = subprocess.check_output(["pdftotext", pdf.name, "-"])
    return left


def rows(store: EventStore) -> Left:
    """Every row of every table that the store keeps on disk, its own logs among them: its files are compressed."""
    left: Left = {}
    for table in store.arrow(_KEPT).to_pylist():
        name = f"`{table['database']}`.`{table['name']}`"
        left[f"table {name}"] = repr(store.arrow(f"SELECT * FROM {name}").to_pylist()).encode()  # noqa: S608
    return left


def pages(app: Pages, username: str, password: str, people: Iterable[str], store: EventStore) -> Left:
    """All that a viewer is shown: each page, each person's, and each of their visits."""
    client = app.server.test_client()
    assert sign_in(client, username, password).status_code == 303
    left = {f"front page of {username}": client.get("/").data}
    for path in ("/", "/coverage", *(f"/person/{person}" for person in people)):
        shown = call(app, client, "page", address__pathname=path, address__search="?range=four-weeks")
        left[f"page {path} of {username}"] = said(shown).encode()
    for visit in store.arrow("SELECT DISTINCT person_id, visit_id FROM visits_now").to_pylist():
        path, chosen = f"/person/{visit['person_id']}", [{"visit_id": visit["visit_id"]}]
        shown = call(app, client, "visit-detail", visits__selectedRows=chosen, address__pathname=path)
        left[f"visit {visit['visit_id']} of {username}"] = said(shown).encode()
    return left


def holding(left: Left, words: Iterable[str]) -> dict[str, list[str]]:
    """For each of `words` that stands anywhere, in whatever case: where."""
    folded = {where: data.lower() for where, data in left.items()}
    found = {word: [where for where, data in folded.items() if word.lower().encode() in data] for word in words}
    return {word: places for word, places in found.items() if places}
