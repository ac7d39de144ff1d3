"""Rows of what was learnt for single devices, for the small school."""

from collections.abc import Iterator

APP = "api.pinned.example"


def pins(now: int) -> Iterator[dict[str, object]]:
    """What was learnt for one device and one address, and a device that lacks the certificate."""
    said = (
        ("learnt", "d-4", "", APP), ("learnt", "d-4", "", "sync.files.example"), ("learnt", "", "10.9.8.20", APP),
        ("distrusts", "d-9", "", ""), ("capped", "d-4", "", ""),
    )  # fmt: skip
    for seq, (step, device_id, address, host) in enumerate(said):
        yield {
            "school": "oakfield", "gateway": "gate-identity", "segment": 0, "seq": seq, "ts_ms": now - 7_200_000 + seq,
            "step": step, "device_id": device_id, "client_ip": address, "host": host, "refusals": 3,
            "until_ms": now + 6 * 86_400_000, "received_ms": now,
        }  # fmt: skip
