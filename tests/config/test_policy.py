"""The policy that comes with Fairgate, and how a broken one is refused."""

from collections import Counter
from pathlib import Path

import pytest

from config.errors import ConfigError
from config.policy import load_policy
from config.policy_model import THRESHOLDS
from tests.config.policy_folder import change, copy_policy
from tests.tracked import ROOT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A school's own copy of the policy, to change."""
    return copy_policy(tmp_path)


def test_the_shipped_policy_is_as_large_as_promised() -> None:
    policy = load_policy()
    assert len(policy.categories) >= 100
    assert len(policy.sites) >= 4_500
    assert len({rule.host for rule in policy.sites}) >= 4_000
    assert {area.key for area in policy.shield} == {
        "health",
        "faith",
        "union",
        "sexuality",
        "legal_advice",
        "helplines",
        "politics",
    }
    assert min(len(area.sites) for area in policy.shield) >= 60
    assert sum(len(area.sites) for area in policy.shield) >= 850


def test_every_category_has_sites_and_every_site_a_category() -> None:
    policy = load_policy()
    assert {rule.category for rule in policy.sites} == set(policy.categories)


def test_no_site_is_listed_in_vain_under_the_shield() -> None:
    policy = load_policy()
    shielded = {rule.host for area in policy.shield for rule in area.sites if not rule.path}
    for rule in policy.sites:
        parents = {rule.host.split(".", cut)[-1] for cut in range(rule.host.count(".") + 1)}
        assert not parents & shielded, rule.pattern


def test_no_shielded_site_is_written_twice() -> None:
    patterns = Counter(rule.pattern for area in load_policy().shield for rule in area.sites)
    assert [pattern for pattern, times in patterns.items() if times > 1] == []


def test_the_same_decisions_have_the_same_version_whatever_the_comments(folder: Path) -> None:
    (folder / "sites.toml").write_text("# ours\n\n" + (folder / "sites.toml").read_text("utf-8"), "utf-8")
    assert load_policy(folder).version == load_policy().version


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("sites.toml", '"amazon.co.uk",', ""),
        ("categories.toml", "gravity = 1", "gravity = 2"),
        ("shield.toml", '"*.nhs.uk", ', ""),
        ("shield.toml", '"symptoms", ', ""),
        ("hours.toml", '"08:15-16:00"', '"08:15-16:05"'),
        ("hours.toml", 'weeks = "term"', 'weeks = "all_year"'),
        ("calendar.toml", "last = 2025-12-19", "last = 2025-12-18"),
        ("calendar.toml", "  2027-12-28,", "  2027-12-29,"),
        ("thresholds.toml", "value = 10", "value = 16"),
        ("retention.toml", "days = 90", "days = 91"),
        ("notice.toml", "Use of the school's", "Using the school's"),
        ("pass_through.toml", '"chat.signal.org", ', ""),
        ("../lists.toml", '"evidence"\nfiles', '"hint"\nfiles'),
    ],
)
def test_whatever_decides_changes_the_version(folder: Path, name: str, old: str, new: str) -> None:
    change(folder / name, old, new)
    assert load_policy(folder).version != load_policy().version


@pytest.mark.parametrize(
    ("name", "old", "new", "told_again"),
    [
        ("sites.toml", '"amazon.co.uk",', "", False),
        ("thresholds.toml", "value = 10", "value = 16", False),
        ("notice.toml", "Use of the school's", "Using the school's", True),
        ("categories.toml", 'purpose = "private"', 'purpose = "inappropriate"', True),
    ],
)
def test_people_are_told_again_only_when_what_they_were_told_changes(
    folder: Path, name: str, old: str, new: str, told_again: bool
) -> None:
    change(folder / name, old, new)
    assert (load_policy(folder).notice_version != load_policy().notice_version) is told_again


@pytest.mark.parametrize(
    ("name", "table", "key"),
    [
        *(("categories", "shopping", key) for key in ("purpose", "why", "stated_purpose", "author")),
        *(("thresholds", "attention_gravity", key) for key in ("why", "author")),
        *(("hours", "teacher", key) for key in ("why", "author")),
        *(("shield", "health", key) for key in ("why", "author")),
        *(("retention", "events", key) for key in ("why", "author")),
        *(("pass_through", table, key) for table in ("banking", "pinned.apple") for key in ("why", "author")),
        *(("../lists", "curated", key) for key in ("why", "author")),
    ],
)
def test_what_decides_without_its_reason_and_author_does_not_load(
    folder: Path, name: str, table: str, key: str
) -> None:
    path = folder / f"{name}.toml"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    header = lines.index(f"[{table}]\n")
    at = next(number for number, line in enumerate(lines) if number > header and line.startswith(f"{key} ="))
    del lines[at]
    path.write_text("".join(lines), "utf-8")
    with pytest.raises(ConfigError) as fault:
        load_policy(folder)
    assert f"{path.name}, line {header + 1}: {table}.{key}: found nothing" in str(fault.value)


def test_a_threshold_that_is_missing_is_named(folder: Path) -> None:
    text = (folder / "thresholds.toml").read_text("utf-8")
    before, header, after = text.partition("[stale_data_minutes]")
    assert header
    (folder / "thresholds.toml").write_text(before, "utf-8")
    assert "[" not in after
    with pytest.raises(
        ConfigError, match=r"thresholds\.toml, line 1: stale_data_minutes: found nothing; allowed: a ta"
    ):
        load_policy(folder)


def test_no_threshold_is_set_in_vain() -> None:
    sources = [
        path for package in ("analytics", "dashboard", "proxy_addons") for path in (ROOT / package).rglob("*.py")
    ]
    text = "".join(path.read_text("utf-8") for path in sources)
    unread = {key for key in THRESHOLDS if f'"{key}"' not in text}
    assert unread == set()


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("categories.toml", 'purpose = "private"', 'purpose = "naughty"', ["purpose", "'naughty'", "'private'"]),
        ("categories.toml", "gravity = 1", "gravity = 5", ["gravity", "found 5", "less than or equal to 4"]),
        ("categories.toml", "gravity = 1", 'gravity = "1"', ["gravity", "found '1'", "integer"]),
        ("categories.toml", 'keep = "host"', 'keeps = "host"', ["keeps", "no such key"]),
        ("categories.toml", 'keep = "host"', 'keep = "phrase"', ["phrase_keys"]),
        ("categories.toml", "gravity = 0", "gravity = 1", ["gravity 0 for a purpose that is never counted"]),
        ("sites.toml", '"twinkl.co.uk"', '"gov.scot"', ["'gov.scot'", "allowed: *.gov.scot"]),
        ("sites.toml", '"twinkl.co.uk"', '"https://twinkl.co.uk"', ["without https://"]),
        ("sites.toml", "shopping = [", "shoping = [", ["'shoping'", "perhaps shopping"]),
        ("sites.toml", '"twinkl.co.uk"', "7", ["found 7", "string"]),
        ("hours.toml", '"08:15-16:00"', '"8.15 to 4"', ["'8.15 to 4'", "08:30-15:30"]),
        ("hours.toml", "tuesday", "tewsday", ["tewsday"]),
        ("hours.toml", 'weeks = "term"', 'weeks = "some"', ["teacher.weeks", "'some'", "'all_year'"]),
        ("hours.toml", 'weeks = "term"', "", ["teacher.weeks", "found nothing"]),
        ("calendar.toml", "last = 2025-12-19", "last = 2025-09-02", ["terms.0.last", "2025-09-02", "not before"]),
        ("thresholds.toml", "value = 10", "value = -1", ["value", "found -1"]),
        ("thresholds.toml", "unit", "units", ["units", "no such key"]),
        ("thresholds.toml", "[attention_gravity]", "[attention_gravit]", ["'attention_gravit'", "attention_gravity"]),
        ("thresholds.toml", "[stale_data_minutes]", "[steal_data_minute]", ["perhaps stale_data_minutes"]),
        ("retention.toml", "days = 90", "days = 0", ["days", "found 0"]),
        ("notice.toml", 'author = "', 'writer = "', ["author", "found nothing"]),
        ("pass_through.toml", '"banking"', '"bankking"', ["'bankking'", "categories.toml"]),
        ("../lists.toml", '"evidence"\nfiles', '"gospel"\nfiles', ["quality", "'gospel'", "'evidence'"]),
    ],
)
def test_every_mistake_names_file_line_key_found_and_allowed(
    folder: Path, name: str, old: str, new: str, says: list[str]
) -> None:
    path = folder / name
    change(path, old, new)
    with pytest.raises(ConfigError) as fault:
        load_policy(folder)
    text = str(fault.value)
    assert Path(name).name in text
    assert ", line " in text
    assert [part for part in says if part not in text] == []


def test_the_line_of_a_wrong_site_is_its_own(folder: Path) -> None:
    change(folder / "sites.toml", '"amazon.co.uk"', '\n  "co.uk"')
    lines = (folder / "sites.toml").read_text("utf-8").splitlines()
    line = next(number for number, text in enumerate(lines, 1) if text.startswith('  "co.uk"'))
    with pytest.raises(ConfigError, match=rf"sites\.toml, line {line}: shopping: found 'co\.uk'"):
        load_policy(folder)


def test_a_site_in_two_categories_names_both_places(folder: Path) -> None:
    (folder / "ours.toml").write_text('# ours\nnews = [\n  "guardian.example",\n  "Amazon.co.uk.",\n]\n', "utf-8")
    change(folder.parent / "lists.toml", '"sites.toml"', '"sites.toml", "ours.toml"')
    with pytest.raises(ConfigError) as fault:
        load_policy(folder)
    text = str(fault.value)
    assert "ours.toml, line 4: news: found 'amazon.co.uk'" in text
    assert "sites.toml, line " in text
    assert "as shopping" in text


def test_between_two_lists_the_first_one_has_precedence(folder: Path) -> None:
    (folder / "ours.toml").write_text('school_suppliers = ["amazon.co.uk"]\n', "utf-8")
    lists = folder.parent / "lists.toml"
    own = '[ours]\ntitle = "Our own"\nquality = "evidence"\nfiles = ["ours.toml"]\nwhy = "Orders."\nauthor = "Head"\n'
    lists.write_text(own + lists.read_text("utf-8"), "utf-8")
    rule = next(rule for rule in load_policy(folder).sites if rule.pattern == "amazon.co.uk")
    assert (rule.category, rule.list_key) == ("school_suppliers", "ours")


@pytest.mark.parametrize("text", ["", "# no shield today\n"])
def test_an_empty_shield_is_refused(folder: Path, text: str) -> None:
    (folder / "shield.toml").write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=r"shield\.toml(.|\n)*Without a shield nothing may be recorded"):
        load_policy(folder)


def test_a_shield_area_without_sites_is_refused(folder: Path) -> None:
    (folder / "shield.toml").write_text('[health]\ntitle = "Health"\nwhy = "Law"\nauthor = "Us"\nsites = []\n', "utf-8")
    with pytest.raises(ConfigError, match=r"shield\.toml, line 5: health\.sites: found \[\]"):
        load_policy(folder)


@pytest.mark.parametrize(
    "name",
    ["categories", "sites", "shield", "hours", "calendar", "thresholds", "retention", "notice", "pass_through"],
)
def test_a_missing_file_is_refused_with_where_to_copy_it_from(folder: Path, name: str) -> None:
    (folder / f"{name}.toml").unlink()
    with pytest.raises(ConfigError, match=rf"{name}\.toml does not exist.*copy it from"):
        load_policy(folder)


def test_what_is_not_toml_is_refused_with_its_line(folder: Path) -> None:
    (folder / "sites.toml").write_text('news = [\n"bbc.co.uk"\n"x"]\n', "utf-8")
    with pytest.raises(ConfigError, match=r"sites\.toml: not valid TOML: .*line 3"):
        load_policy(folder)
