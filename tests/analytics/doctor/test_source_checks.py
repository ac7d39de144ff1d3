"""A lease database that is not there is said, with where and what to do; one that is there is not."""

from tests.analytics.doctor.conftest import School


def test_a_lease_database_that_is_missing_is_named_until_it_is_there(school: School) -> None:
    path = school.state.root / "dnsmasq.leases"
    school.settings(f'[[identity.leases]]\nkind = "dnsmasq"\npath = "{path}"\n')
    (line,) = school.lines("leases")
    assert line.startswith("MEND [leases] There is no lease database")
    assert str(path) in line
    path.write_text("")
    assert school.lines("leases") == []


def test_where_no_database_is_named_there_is_nothing_to_say(school: School) -> None:
    assert school.lines("leases") == []
