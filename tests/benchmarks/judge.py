"""What a verdict costs by the policy alone, beside the floor: a plain dictionary look-up of the same host.

With imported lists in force: tests.benchmarks.lists.
"""

from collections.abc import Callable, Iterator
from time import perf_counter

from analytics.categorise import Judge
from analytics.judged_again import JudgeAgain, Judged
from analytics.kind import Exchange, kind_of, remember
from analytics.policy_then import KnownThen
from analytics.recent_navigations import RecentNavigations
from analytics.rejudge_tally import RejudgeTally
from config.policy import Policy, load_policy

_RUNS = 5
_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"


def measure() -> dict[str, float]:
    """Microseconds a verdict for hosts seen just before and for new ones, a kind, and one judged again; best of 5."""
    policy = load_policy()
    hosts = [f"www.{rule.host}" for rule in policy.sites if not rule.wide][:2_000]
    judge = Judge(policy)
    for host in hosts:
        judge.judge(host)
    known = _best(lambda: [judge.judge(host, "/news/story-1") for host in hosts], len(hosts))
    table = dict.fromkeys(hosts, 1)
    plain = _best(lambda: [table.get(host) for host in hosts], len(hosts))
    fresh = _fresh_hosts()
    new = _best(lambda: [judge.judge(host, "/") for host in next(fresh)], 2_000)
    return {
        "judge_without_lists_us": known,
        "judge_new_without_lists_us": new,
        "judge_vs_dict": known / plain,
        "kind_us": _kind_us(),
        "judge_again_us": _again_us(policy, hosts),
    }


def _again_us(policy: Policy, hosts: list[str]) -> float:
    """Microseconds to judge and count a stored event again, of 2,000 hosts met ten times each."""
    rows = [
        Judged(host, "", "", "navigation", "", "news", "private", 1, "", "", "", "listed", "another", "inspected")
        for host in hosts
    ] * 10

    def run() -> None:
        again, tally = JudgeAgain(Judge(policy), policy, KnownThen()), RejudgeTally()
        for judged in rows:
            tally.add(judged, "p-1", again.verdict(judged), again.opened(judged.host))

    return _best(run, len(rows))


def _kind_us() -> float:
    seen = list(_page_load())

    def run() -> None:
        recent = RecentNavigations()
        for exchange in seen:
            # Who asked is read when an exchange is made, and is part of the price.
            exchange.__post_init__()
            remember(recent, exchange, kind_of(exchange, recent))

    return _best(run, len(seen))


def _page_load() -> Iterator[Exchange]:
    """A page and 60 things it pulls in, as Chrome asks for them."""
    yield Exchange(
        host="www.news.example",
        status=200,
        sec_fetch_dest="document",
        sec_fetch_mode="navigate",
        sec_fetch_site="none",
        sec_fetch_user="?1",
        user_agent=_AGENT,
    )
    for number in range(60):
        yield Exchange(
            ts_ms=number * 20,
            host=f"cdn{number % 7}.example",
            path=f"/part-{number}.js",
            status=200,
            sec_fetch_dest=("script", "image", "empty")[number % 3],
            sec_fetch_mode="no-cors",
            sec_fetch_site="cross-site",
            referer="https://www.news.example/story?id=1",
            user_agent=_AGENT,
        )


def _fresh_hosts() -> Iterator[list[str]]:
    number = 0
    while True:
        yield [f"w{number + step}.site-{number + step}.co.uk" for step in range(2_000)]
        number += 2_000


def _best(run: Callable[[], object], count: int) -> float:
    """Microseconds for one of `count`, in the quickest of several runs."""
    times = []
    for _ in range(_RUNS):
        start = perf_counter()
        run()
        times.append(perf_counter() - start)
    return min(times) / count * 1e6
