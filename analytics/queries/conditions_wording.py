"""What a range of days must be read with, in sentences: the same ones on the page and in the report.

Owns the words about ways past the gateway, clocks, deaths and ages. Promises: what is known to have happened is always
said; what is not known is not called nothing.
"""

from collections.abc import Iterator
from typing import Final

from analytics.queries.coverage import Coverage
from analytics.records import GapReason

MONITORS_ONLY: Final = (
    "Fairgate monitors; it does not filter. It keeps no page from anybody because of what is on it. Keeping harmful "
    "pages away is the work of the school's own filter, which must stand beside it."
)
_DAY_HOURS: Final = 24
_TIMES: Final = {1: "once", 2: "twice"}


def ways_past(found: Coverage) -> list[str]:
    """What went, or tried to go, past the gateway."""
    return [*_bypassed(found), _attempted(found)]


def rests_on(found: Coverage) -> list[str]:
    """How the gateway stood that recorded this."""
    return [*_lists(found), *_clock_and_deaths(found), *_filter(found)]


def _bypassed(found: Coverage) -> Iterator[str]:
    if found.bypassed_s:
        yield (
            f"For {span(found.bypassed_s)} monitored devices went past the gateway, unrecorded, so that lessons could "
            "go on."
        )
    else:
        yield "The gateway knows of no time in which monitored devices were let past it."


def _attempted(found: Coverage) -> str:
    stood = found.conditions
    if not (stood.quic or stood.dot or stood.doh):
        return "No attempt to go past it by QUIC, or to look names up out of its sight, was counted."
    return (
        f"The network refused {stood.quic:,} packets of QUIC, after which browsers ask in the ordinary way, and "
        f"{stood.dot + stood.doh:,} of looking names up out of the school's sight. They are nobody's: programs do this "
        "by themselves."
    )


def _lists(found: Coverage) -> Iterator[str]:
    stood = found.conditions
    if stood.snapshot_age_hours is None:
        yield "The gateway did not say how old what it goes by was."
        return
    if stood.lists_age_hours is None:
        yield "No imported lists of sites were in force at the end: the school's own lists judged alone."
    else:
        yield f"The oldest imported list of sites in force at the end was {age(stood.lists_age_hours)} old."
    yield (
        "What the gateway then knew of people, devices and permissions had been published "
        f"{age(stood.snapshot_age_hours)} before."
    )
    if stood.policies > 1:
        yield (
            f"The policy, or the lists in force, changed: {stood.policies} versions judged in turn, and each visit was "
            "judged by the one of its own time."
        )


def _clock_and_deaths(found: Coverage) -> Iterator[str]:
    if steps := found.times(GapReason.CLOCK_STEP):
        yield f"The gateway's clock was set {times(steps)}: times just before and after may be out."
    if deaths := found.times(GapReason.CRASHED):
        yield f"A process of the gateway stopped unexpectedly {times(deaths)} and was started again."
    if found.dropped:
        yield f"{found.dropped:,} records could not be written down. Each such time is a gap."
    if found.hook_errors:
        yield f"Fairgate itself failed on {found.hook_errors:,} exchanges, which went on. Each such time is a gap."


def _filter(found: Coverage) -> Iterator[str]:
    if silent := found.conditions.filter_silent:
        yield (
            f"The school's filter did not answer {times(silent)} when it was asked whether it is there. While it was "
            "silent, pages could not be opened, and that is no fault of whoever tried."
        )


def times(number: int) -> str:
    """once, twice, 3 times"""
    return _TIMES.get(number, f"{number:,} times")


def age(hours: int) -> str:
    """An age in words, rounded down."""
    if hours < 1:
        return "less than an hour"
    if hours < 2 * _DAY_HOURS:
        return f"{hours} hour{'s' * (hours != 1)}"
    return f"{hours // _DAY_HOURS:,} days"


def span(seconds: int) -> str:
    """A length of time in words, rounded down, never nothing."""
    minutes = seconds // 60
    if minutes < 1:
        return "less than a minute"
    if minutes < 120:
        return f"{minutes} minute{'s' * (minutes != 1)}"
    return f"{minutes // 60:,} h {minutes % 60:02d} min"
