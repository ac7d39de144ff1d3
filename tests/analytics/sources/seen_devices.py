"""Devices for the tests of sources."""

from analytics.snapshot import Device, DeviceClass

LAPTOP_MAC, TROLLEY_MAC, STRANGER = "02:00:00:00:00:01", "02:00:00:00:00:02", "02:00:00:00:00:99"
LAPTOP = Device(
    device_id="d-1", device_class=DeviceClass.STAFF, addresses=(), person_id="p-anne", from_ms=1, macs=(LAPTOP_MAC,)
)
TROLLEY = Device(
    device_id="d-2", device_class=DeviceClass.SHARED, addresses=(), person_id=None, from_ms=1, macs=(TROLLEY_MAC,)
)
FIXED = Device(
    device_id="d-3",
    device_class=DeviceClass.STAFF,
    addresses=("10.0.0.30",),
    person_id="p-ben",
    from_ms=1,
    macs=("02:00:00:00:00:03",),
)
