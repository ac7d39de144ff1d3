"""Headers, and what other sites send."""

import pytest

from dashboard.app import Pages
from tests.dashboard.small_school import HERE, signed_in


def policy_of(app: Pages) -> dict[str, str]:
    header = app.server.test_client().get("/sign-in").headers["Content-Security-Policy"]
    return {part.split(" ", 1)[0]: part.split(" ", 1)[1] for part in header.split("; ")}


def test_scripts_come_from_here_alone_and_none_is_evaluated(app: Pages) -> None:
    policy = policy_of(app)
    assert policy["default-src"] == "'none'"
    for word in ("'unsafe-inline'", "'unsafe-eval'", "http", "*", "data:"):
        assert word not in policy["script-src"]
    assert "'unsafe-inline'" not in policy["style-src"]
    assert policy["frame-ancestors"] == "'none'"


def test_every_response_has_a_nonce_of_its_own_and_the_page_carries_it(app: Pages) -> None:
    client = signed_in(app, "head")
    one, other = client.get("/"), client.get("/")
    policies = [page.headers["Content-Security-Policy"] for page in (one, other)]
    assert policies[0] != policies[1]
    for page, policy in zip((one, other), policies, strict=True):
        nonce = policy.split("'nonce-")[1].split("'")[0]
        assert f'nonce="{nonce}"' in page.text


def test_pages_are_kept_by_no_cache_and_framed_by_nobody(app: Pages) -> None:
    headers = app.server.test_client().get("/sign-in").headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost.evil.example"},
    ],
)
@pytest.mark.parametrize("address", ["/sign-in", "/sign-out", "/report", "/new-password", "/_dash-update-component"])
def test_a_post_from_elsewhere_is_refused_at_once(app: Pages, address: str, headers: dict[str, str]) -> None:
    answer = signed_in(app, "head").post(address, headers=headers)
    assert answer.status_code == 403
    assert "another site" in answer.text


def test_a_post_from_our_own_page_is_let_through(app: Pages) -> None:
    assert "another site" not in signed_in(app, "head").post("/sign-out", headers=HERE).text
