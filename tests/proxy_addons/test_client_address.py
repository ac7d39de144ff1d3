"""What a client claims of its own address is taken off, whoever reads it next."""

import pytest

from proxy_addons.client_address import CLAIMS, ClientClaims
from proxy_addons.tally import Tally
from tests.proxy_addons.pipeline import request


@pytest.mark.parametrize("name", sorted(CLAIMS))
def test_what_a_client_claims_is_taken_off_in_whatever_case(name: bytes) -> None:
    addon = ClientClaims(Tally())
    flow = request("https://www.amazon.co.uk/", {name.decode().title(): "10.9.9.9", "Accept": "*/*"})
    flow.request.headers.fields = (*flow.request.headers.fields, (name.upper(), b"10.8.8.8"))
    addon.requestheaders(flow)
    assert [field for field, _ in flow.request.headers.fields] == [b"Host", b"content-length", b"Accept"]


def test_other_headers_are_left_as_they_are() -> None:
    flow = request("https://www.amazon.co.uk/", {"Accept": "*/*", "X-Requested-With": "fetch"})
    before = flow.request.headers.fields
    ClientClaims(Tally()).requestheaders(flow)
    assert flow.request.headers.fields is before
