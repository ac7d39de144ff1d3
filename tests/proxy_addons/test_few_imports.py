"""The gateway's process loads the few addons it names, and nothing behind the others."""

from tests.test_light_imports import loaded_by

UNUSED = {"flask", "ldap3", "werkzeug", "jinja2", "urwid", "tornado", "passlib"}


def test_the_gateway_s_master_loads_none_of_what_it_does_not_use() -> None:
    loaded = loaded_by("import proxy_addons.run")
    assert "mitmproxy" in loaded
    assert loaded & UNUSED == set()


def test_a_package_that_was_loaded_whole_stays_whole() -> None:
    loaded_by(
        "import warnings; warnings.simplefilter('ignore')\nimport mitmproxy.addons as whole\nimport proxy_addons.run\n"
        "assert whole.default_addons()\nimport sys; assert sys.modules['mitmproxy.addons'] is whole"
    )


def test_the_named_addons_are_mitmproxy_s_own() -> None:
    loaded_by(
        "import proxy_addons.master as master\nfrom mitmproxy.addons.core import Core\n"
        "assert master.Core is Core\nassert Core.__module__ == 'mitmproxy.addons.core'"
    )
