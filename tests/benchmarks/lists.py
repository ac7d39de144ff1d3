"""What imported lists cost: the file, a verdict with five million domains in force, a swap under traffic, an import.

The peers: a Python dictionary of the same names, and the same event loop with no swap.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from analytics.categorise import Judge
from analytics.lists.compiled import open_compiled
from analytics.lists.compiler import Source, compile_lists
from analytics.lists.importing import import_file
from analytics.lists.listed import ListsInForce
from analytics.lists.plain import Rule
from analytics.lists.shelf import Shelf, in_force_file
from config.policy import Policy, load_policy
from proxy_addons.live_lists import LiveLists

DOMAINS = 5_000_000
UT1 = Path(__file__).parents[2].parent / "shared" / "data" / "ut1" / "blacklists.tar.gz"
_HOSTS = 2_000
_RUNS = 5
_ENDS = ("com", "co.uk", "net", "org.uk", "example")


def measure() -> dict[str, float]:
    """Bytes, microseconds, milliseconds and seconds, as the names of the figures say."""
    policy = load_policy()
    with tempfile.TemporaryDirectory(prefix="fairgate-bench-") as name:
        folder = Path(name)
        figures = _of_the_file(folder, policy)
        figures |= _of_a_verdict(folder, policy)
        figures |= _of_a_swap(folder, policy)
    return figures | _of_an_import(policy)


def _of_the_file(folder: Path, policy: Policy) -> dict[str, float]:
    path = in_force_file(folder)
    begun = time.perf_counter()
    _compile(policy, path, "v1")
    taken = time.perf_counter() - begun
    sample = {name: 1 for _, name in _rules(200_000)}
    table = sys.getsizeof(sample) + sum(sys.getsizeof(name) for name in sample)
    return {
        "lists_compile_5m_s": taken,
        "bytes_a_domain": path.stat().st_size / DOMAINS,
        "bytes_a_domain_in_a_dict": table / len(sample),
    }


def _of_a_verdict(folder: Path, policy: Policy) -> dict[str, float]:
    lists = open_compiled(in_force_file(folder))
    judge = Judge(policy, ListsInForce(lists, policy))
    batches = [list(_visited(run)) for run in range(_RUNS + 1)]
    new = [_each(judge, batch) for batch in batches]
    seen = [_each(judge, batches[-1]) for _ in range(_RUNS)]
    names = [host.removeprefix("www.") for host in batches[0]]
    table = dict.fromkeys(names, 1)
    return {
        "judge_us": median(seen),
        "judge_new_us": median(new),
        "list_find_us": median(_timed(lists.find, names) for _ in range(_RUNS)),
        "dict_find_us": median(_timed(table.get, names) for _ in range(_RUNS)),
    }


def _of_a_swap(folder: Path, policy: Policy) -> dict[str, float]:
    """The longest time between two requests' turns, while lists of five million are swapped; the median of runs."""
    other = folder / "other.lists"
    _compile(policy, other, "v2")
    live = LiveLists(folder, policy)
    pauses, idle = [], []
    for _ in range(_RUNS):
        for number in range(20_000):
            live.judge.judge(f"h{number}.example")
        spare = folder / "spare.lists"
        in_force_file(folder).replace(spare)
        other.replace(in_force_file(folder))
        pause, seconds = asyncio.run(_longest_pause(live, None))
        pauses.append(pause)
        idle.append(asyncio.run(_longest_pause(live, seconds))[0])
        other = spare
    return {
        "list_swap_ms": median(pauses) * 1e3,
        "list_swap_least_ms": min(pauses) * 1e3,
        "no_swap_ms": median(idle) * 1e3,
    }


async def _longest_pause(live: LiveLists, seconds: float | None) -> tuple[float, float]:
    """(the longest turn of the loop, how long it went on), with a swap or, for as many `seconds`, without one."""
    longest, begun = 0.0, time.perf_counter()
    swap = asyncio.create_task(live.look()) if seconds is None else asyncio.create_task(asyncio.sleep(seconds))
    last = time.perf_counter()
    while not swap.done():
        live.judge.judge("www.bbc.co.uk", "/news")
        await asyncio.sleep(0)
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    return longest, time.perf_counter() - begun


def _of_an_import(policy: Policy) -> dict[str, float]:
    if not UT1.is_file():
        return {}
    times = []
    for _ in range(3):
        with tempfile.TemporaryDirectory(prefix="fairgate-bench-") as folder:
            begun = time.perf_counter()
            shelf = Shelf(Path(folder))
            import_file(shelf, policy, "ut1", UT1)
            shelf.apply()
            times.append(time.perf_counter() - begun)
    return {"ut1_import_s": median(times)}


def _compile(policy: Policy, path: Path, version: str) -> None:
    compile_lists([Source(policy.imported[0], version, 1, _rules(DOMAINS))], path, 1)


def _rules(count: int) -> Iterator[Rule]:
    own = [entry.own for entry in load_policy().imported[0].categories]
    block = count // len(own) + 1
    for number in range(count):
        yield own[number // block], _name(number)


def _name(number: int) -> str:
    return f"made-up-{number * 7919 % 99_999_989}.{_ENDS[number % len(_ENDS)]}"


def _visited(run: int) -> Iterator[str]:
    """Hosts as people visit them: half of them listed, each once."""
    for number in range(run * _HOSTS, (run + 1) * _HOSTS):
        yield f"www.{_name(number * 1_009 % DOMAINS)}" if number % 2 else f"w{number}.unlisted-{number}.co.uk"


def _each(judge: Judge, hosts: list[str]) -> float:
    """Microseconds: the median over the hosts, each timed by itself."""
    times = []
    for host in hosts:
        begun = time.perf_counter_ns()
        judge.judge(host, "/news/story-1")
        times.append(time.perf_counter_ns() - begun)
    return median(times) / 1e3


def _timed(find: object, names: list[str]) -> float:
    assert callable(find)
    begun = time.perf_counter()
    for name in names:
        find(name)
    return (time.perf_counter() - begun) / len(names) * 1e6
