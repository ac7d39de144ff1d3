"""Up to when there is data.

Owns `data_up_to`.
"""

from typing import Final

from analytics.queries.reading import Reading

_SQL: Final = """
SELECT greatest(
    (SELECT max(ts_ms) FROM heartbeats WHERE school = {school:String}),
    (SELECT max(ts_ms) FROM events WHERE school = {school:String}
        AND day >= (SELECT max(day) FROM visit_builds WHERE school = {school:String}))) AS up_to_ms
"""


def data_up_to(reading: Reading) -> int:
    """UTC ms of the newest record in the store; 0 where there is none yet. Open to every role, for every purpose.

    Raises:
        AccessDenied: the viewer no longer holds the role. StoreError: the store is down.
    """
    return int(reading.on_school("data_up_to").frame(_SQL)["up_to_ms"].iloc[0])
