"""Parts that pages are made of."""

from dash import html
from flask import Flask

from dashboard.panels import empty, legend, link, post_form, range_chooser, totals
from dashboard.periods import PRESETS
from dashboard.theme import COUNTED


def test_the_chosen_range_is_marked_and_all_are_links() -> None:
    links = [item.children for item in range_chooser("/", "today", PRESETS).children.children]
    assert [each.href for each in links] == [f"/?range={key}" for key in PRESETS]
    assert [getattr(each, "aria-current", None) for each in links].count("page") == 1


def test_a_link_keeps_its_label() -> None:
    assert getattr(link("4!", "/person/p-1", label="Ann: 4"), "aria-label") == "Ann: 4"


def test_an_empty_state_says_what_and_what_to_do() -> None:
    plain = repr(empty("No visits", "Choose a longer range."))
    assert "No visits" in plain
    assert "Choose a longer range." in plain


def test_a_form_carries_the_token_against_forged_posts() -> None:
    server = Flask("forms")
    server.secret_key = "test"
    with server.test_request_context():
        form = post_form("/report", html.Button("Go"))
    token = form.children[0]
    assert token.type == "hidden"
    assert token.name == "csrf_token"
    assert len(token.value) > 20


def test_a_number_is_big_and_a_range_is_smaller() -> None:
    items = totals([("", "A", "12", ""), ("", "B", "12 min to 1 h", "")]).children
    assert [item.children[1].className for item in items] == ["big", "big text"]


def test_a_legend_names_each_pattern() -> None:
    assert len(legend(COUNTED, ("gap", "Gap")).children) == len(COUNTED) + 1
