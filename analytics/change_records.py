"""The form of the records that tell of changes in the identity table.

Owns how a change becomes its record. Promises: every one carries the school, the gateway and the moment it was made.
"""

from collections.abc import Callable

from analytics.bindings import Binding
from analytics.records import Acknowledgement, BindingChange, BindingStep, PinChange, PinStep


class ChangeRecords:
    """Makes the records of one gateway. `now_ms` is UTC milliseconds."""

    def __init__(self, school: str, gateway: str, now_ms: Callable[[], int]) -> None:
        self._school, self._gateway, self._now_ms = school, gateway, now_ms

    def binding(self, binding: Binding, step: BindingStep) -> BindingChange:
        """A binding began or ended."""
        return BindingChange(
            school=self._school,
            gateway=self._gateway,
            ts_ms=self._now_ms(),
            binding_id=binding.binding_id,
            step=step,
            source=binding.source,
            person_id=binding.person_id,
            device_id=binding.device_id,
            client_ip=binding.client_ip,
            mac=binding.mac,
            from_ms=binding.from_ms,
            until_ms=binding.until_ms,
        )

    def acknowledgement(
        self, person_id: str, notice_version: str, how: str, device_id: str, reminder: int
    ) -> Acknowledgement:
        """Somebody was shown the notice and said so."""
        return Acknowledgement(
            school=self._school,
            gateway=self._gateway,
            ts_ms=self._now_ms(),
            person_id=person_id,
            notice_version=notice_version,
            how=how,
            device_id=device_id,
            reminder=reminder,
        )

    def pin(self, step: PinStep, device_id: str, client_ip: str, host: str, refusals: int, until_ms: int) -> PinChange:
        """Something was learnt, or ended, of what is let through unopened."""
        return PinChange(
            school=self._school,
            gateway=self._gateway,
            ts_ms=self._now_ms(),
            step=step,
            device_id=device_id,
            client_ip=client_ip,
            host=host,
            refusals=refusals,
            until_ms=until_ms,
        )
