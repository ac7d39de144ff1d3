"""The kernel's part of the gateway: which devices' traffic is sent to it, and what of theirs is refused."""
