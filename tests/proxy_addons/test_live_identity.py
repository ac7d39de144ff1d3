"""A worker sees what `fairgate identity` wrote without being told."""

import asyncio
from pathlib import Path

from analytics.bindings import Heart, IdentityTable
from proxy_addons.live_identity import LiveIdentity
from tests.analytics.bindings.a_binding import BINDING


def test_a_change_is_seen_while_it_runs(tmp_path: Path) -> None:
    async def watch() -> None:
        live = LiveIdentity(tmp_path / "identity.sqlite")
        live.running()
        table = IdentityTable(tmp_path / "identity.sqlite")
        with table.change():
            table.insert(BINDING)
        Heart(tmp_path / "identity.sqlite").beat()
        for _ in range(600):
            if live.now.bindings:
                break
            await asyncio.sleep(0.1)
        assert live.now.bindings == (BINDING,)
        live.done()
        table.close()

    asyncio.run(watch())
