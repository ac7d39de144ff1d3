"""A binding for tests: Anne signed in by RADIUS on the laptop at 10.0.0.5, from 10 ms on."""

from analytics.bindings import Binding
from analytics.event import Method

BINDING = Binding(
    binding_id="radius:1",
    source=Method.RADIUS,
    session="s-1",
    person_id="p-anne",
    device_id="d-1",
    client_ip="10.0.0.5",
    mac="02:00:00:00:00:01",
    from_ms=10,
    until_ms=0,
    expires_ms=0,
)
