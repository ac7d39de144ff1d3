"""The words of the project: about Fairgate and nothing else, in British English, with no place of any one machine."""

import re
from pathlib import Path

import pytest

from tests.tracked import ROOT, tracked_files

TEXT = {
    ".py",
    ".md",
    ".toml",
    ".yml",
    ".yaml",
    ".sh",
    ".html",
    ".js",
    ".css",
    ".typ",
    ".sql",
    ".service",
    ".nft",
    ".xml",
    "",
}
HERE = Path("tests/test_wording.py")
LOCK = Path("uv.lock")

# Written in pieces, so that this file does not hold what it forbids.
ABOUT_THE_WORK = {
    "a model talks": r"\bas an " + r"AI\b|language " + r"model\b|\bL" + r"LM\b",
    "how the work was done": r"\bthe "
    + r"brief\b|\bsub"
    + r"-?agents?\b|\bwork"
    + r"shop\b|\bthis "
    + r"coding session\b",
    "a number of an issue": r"\bissues? " + r"#?\d+\b|(?<![&\w#/])#\d{1,3}\b(?!\w|;)",
    "unfinished": r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX)\b|raise NotImpl" + r"ementedError\s*$",
}
A_MACHINE = {
    "a folder of the build machine": r"(?<![\w.])/" + r"work/|/" + r"root/|/home/" + r"\w+/",
    "the address of a package index": r"https?://[^\s\"]*(?:py"
    + r"pi\.org|python"
    + r"hosted)|(?:extra-)?index-"
    + r"url",
}
AMERICAN = re.compile(
    r"\b(color|colors|colored|behavior|behaviors|favorite|organization|organize[sd]?|recognize[sd]?|authorize[sd]?"
    r"|authorization|unauthorized|initialize[sd]?|normalize[sd]?|summarize[sd]?|catalog|gray|center)\b",
    re.IGNORECASE,
)
NAMES_OF_OTHERS = re.compile(
    r"`[^`]*`|Proxy-?Authoriz\w+|\bAuthorization\b(?=[\"':])|\w*_\w*|https?://\S+|\"[^\"]*\"|'[^']*'", re.IGNORECASE
)

FILES = [path for path in tracked_files() if path.suffix in TEXT and path not in {HERE, LOCK}]


def lines_with(path: Path, pattern: str) -> list[str]:
    text = (ROOT / path).read_text("utf-8")
    return [
        f"{path}:{n}: {line.strip()[:120]}" for n, line in enumerate(text.splitlines(), 1) if re.search(pattern, line)
    ]


def prose(path: Path) -> list[str]:
    """What is written for people: all of a Markdown file, the comments of anything else."""
    lines = (ROOT / path).read_text("utf-8").splitlines()
    if path.suffix == ".md":
        return lines
    return [line.split("#", 1)[1] for line in lines if line.lstrip().startswith("#")]


@pytest.mark.parametrize("what", ABOUT_THE_WORK)
def test_the_text_is_about_fairgate(what: str) -> None:
    text = [path for path in FILES if path.suffix not in {".css", ".js", ".html"} and path.name != "LICENSE"]
    assert [line for path in text for line in lines_with(path, ABOUT_THE_WORK[what])] == []


@pytest.mark.parametrize("what", A_MACHINE)
def test_no_place_of_one_machine_is_named(what: str) -> None:
    assert [line for path in FILES for line in lines_with(path, A_MACHINE[what])] == []


def test_prose_is_british() -> None:
    found = []
    for path in FILES:
        if path.name == "LICENSE" or path.suffix in {".css", ".js"}:
            continue
        found += [f"{path}: {line}" for line in prose(path) if AMERICAN.search(NAMES_OF_OTHERS.sub("", line))]
    assert found == []


def test_no_asset_or_template_fetches_anything_from_outside() -> None:
    pages = [path for path in FILES if path.suffix in {".css", ".js", ".html"}]
    fetched = r"(?:src|href)=[\"']https?://|@import|url\(\s*[\"']?https?://|(?:fetch|import)\(\s*[\"']https?://"
    assert [line for path in pages for line in lines_with(path, fetched)] == []


@pytest.mark.parametrize("path", FILES, ids=str)
def test_text_is_utf8_ends_with_one_newline_and_has_no_trailing_space(path: Path) -> None:
    data = (ROOT / path).read_bytes()
    text = data.decode("utf-8")
    assert "\r" not in text
    assert text == "" or (text.endswith("\n") and not text.endswith("\n\n"))
    assert [n for n, line in enumerate(text.splitlines(), 1) if line != line.rstrip()] == []
