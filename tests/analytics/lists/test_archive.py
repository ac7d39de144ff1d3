"""Archives and folders are read in one pass, within bounds, and never unpacked."""

import io
import tarfile
from pathlib import Path

import pytest

from analytics.lists import archive
from analytics.lists.archive import members
from config.errors import ConfigError


def tar(path: Path, files: dict[str, bytes], links: dict[str, str] | None = None, mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as made:  # type: ignore[call-overload]
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            made.addfile(info, io.BytesIO(data))
        for name, target in (links or {}).items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            made.addfile(info)
    return path


def read(path: Path, largest: int = archive.LARGEST_BYTES) -> dict[str, bytes | str]:
    """Name to what is in it, or where it leads."""
    found: dict[str, bytes | str] = {}
    for member in members(path, largest):
        found["/".join(member.parts)] = member.link or (member.stream.readline(1000) if member.stream else b"")
    return found


FILES = {"b/games/domains": b"a.example\n", "b/games/urls": b""}


@pytest.mark.parametrize("mode", ["w:gz", "w"])
def test_an_archive_is_read_packed_or_not(tmp_path: Path, mode: str) -> None:
    assert read(tar(tmp_path / "x", FILES, {"b/play": "games"}, mode)) == {**FILES, "b/play": "games"}


def test_a_folder_is_read_as_an_archive_would_be(tmp_path: Path) -> None:
    (tmp_path / "b" / "games").mkdir(parents=True)
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "b" / "play").symlink_to("games")
    assert read(tmp_path / "b") == {**FILES, "b/play": "games"}


@pytest.mark.parametrize("name", ["../evil", "b/../../evil", "/etc/passwd", "b\\..\\evil"])
def test_an_archive_that_names_places_outside_itself_is_refused_whole(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="a name outside itself"):
        read(tar(tmp_path / "x", {name: b"a.example\n"}))
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_a_bomb_is_stopped_while_it_is_read(tmp_path: Path) -> None:
    bomb = tar(tmp_path / "x", {"b/games/domains": b"\n" * 3_000_000})
    assert bomb.stat().st_size < 10_000
    with pytest.raises(ConfigError, match="unpacks to more than any list"):
        read(bomb, largest=1_000_000)


def test_too_many_members_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_MEMBERS", 1)
    with pytest.raises(ConfigError, match="more than 1 files"):
        read(tar(tmp_path / "x", FILES))


@pytest.mark.parametrize("part", [0.3, 0.6, 0.9, 0.99])
def test_a_truncated_archive_is_refused_wherever_it_ends(tmp_path: Path, part: float) -> None:
    whole = tar(tmp_path / "x", {"b/games/domains": bytes(range(32, 127)) * 2_000}).read_bytes()
    (tmp_path / "x").write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(ConfigError, match=r"not a whole tar archive|ends"):
        read(tmp_path / "x")


@pytest.mark.parametrize("data", [b"", b"hello", b"\x1f\x8bhello", b"\x1f\x8b\x08\x00" + b"\x00" * 40, b"\x00" * 100])
def test_what_is_no_archive_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(ConfigError, match="not a whole tar archive"):
        read(tmp_path / "x")


def test_one_flipped_byte_in_a_packed_archive_is_noticed(tmp_path: Path) -> None:
    whole = bytearray(tar(tmp_path / "x", FILES).read_bytes())
    whole[len(whole) // 2] ^= 1
    (tmp_path / "x").write_bytes(whole)
    with pytest.raises(ConfigError, match="Nothing of it was taken"):
        read(tmp_path / "x")


def test_a_missing_archive_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read(tmp_path / "none")
