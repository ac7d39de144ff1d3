"""The services that are let through for everybody: apps' own hosts, and nothing that a person reads in a browser."""

import pytest

from analytics.categorise import Judge
from analytics.event import COUNTED_PURPOSES, NotInspected, Purpose
from analytics.site_index import SiteIndex, levels
from config.policy import load_policy

POLICY = load_policy()
JUDGE = Judge(POLICY)
APP_ONLY = ("signal.org", "whispersystems.org", "snapchat.com", "whatsapp.net")
"""Messengers whose apps' own hosts are let through, while their websites are judged and inspected."""


def test_nothing_that_counts_against_people_is_let_through_but_messengers_own_hosts() -> None:
    seeds = SiteIndex((rule, rule.host) for rule in POLICY.pass_through.pinned)
    counted = {key for key, category in POLICY.categories.items() if category.purpose in COUNTED_PURPOSES}
    covered = [rule.pattern for rule in POLICY.sites if rule.category in counted and seeds.covering(levels(rule.host))]
    assert covered == []


def test_what_the_seeds_themselves_are_judged_as_counts_against_nobody_but_for_those() -> None:
    odd = [
        rule.host
        for rule in POLICY.pass_through.pinned
        if JUDGE.judge(rule.host).purpose in (*COUNTED_PURPOSES, Purpose.SHIELDED)
        and not rule.host.endswith(tuple(f".{site}" for site in APP_ONLY))
    ]
    assert odd == []
    assert not {site for site in APP_ONLY if site != "whatsapp.net"} & {
        rule.host for rule in POLICY.pass_through.pinned
    }


def test_no_seed_reaches_beyond_one_registrant_and_none_is_said_twice() -> None:
    hosts = [rule.host for rule in POLICY.pass_through.pinned]
    assert len(hosts) == len(set(hosts))
    assert [rule.pattern for rule in POLICY.pass_through.pinned if rule.wide or rule.path] == []


@pytest.mark.parametrize(
    "host",
    [
        *("www.apple.com", "support.apple.com", "apps.apple.com", "music.apple.com", "www.icloud.com", "apple.com"),
        *("www.google.com", "docs.google.com", "mail.google.com", "drive.google.com", "classroom.google.com"),
        *("play.google.com", "www.youtube.com", "storage.googleapis.com", "fonts.googleapis.com", "google.com"),
        *("www.microsoft.com", "support.microsoft.com", "outlook.office.com", "teams.microsoft.com", "www.bing.com"),
        *("login.microsoftonline.com", "oakprimary.sharepoint.com", "onedrive.live.com", "apps.microsoft.com"),
        *("web.whatsapp.com", "www.whatsapp.com", "signal.org", "www.signal.org", "www.snapchat.com"),
        *("web.snapchat.com", "www.dropbox.com", "dl.dropboxusercontent.com", "www.teamviewer.com", "anydesk.com"),
        *("www.sophos.com", "www.eset.com", "www.jamf.com", "zoom.us", "discord.com", "web.telegram.org"),
    ],
)
def test_what_a_person_reads_in_a_browser_is_not_among_them(host: str) -> None:
    assert JUDGE.pass_through(host) is None


@pytest.mark.parametrize(
    "host",
    [
        *("17-courier.push.apple.com", "gateway.icloud.com", "swcdn.apple.com", "ocsp2.apple.com"),
        *("fe2cr.update.microsoft.com", "download.windowsupdate.com", "fef.msub05.manage.microsoft.com"),
        *("login.live.example.delivery.mp.microsoft.com", "enterpriseregistration.windows.net", "wdcp.microsoft.com"),
        *("mtalk.google.com", "clients4.google.com", "accounts.google.com", "redirector.gvt1.com"),
        *("oakprimary.jamfcloud.com", "d1.sophosupd.com", "chat.signal.org", "g.whatsapp.net", "api.dropboxapi.com"),
    ],
)
def test_what_fails_where_it_is_inspected_is(host: str) -> None:
    assert JUDGE.pass_through(host) is NotInspected.PINNED
