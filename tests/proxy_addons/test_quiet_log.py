"""mitmproxy's log without its words."""

import logging
import subprocess
import sys
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from proxy_addons.quiet_log import FaultsOnly


def test_an_error_is_passed_on_without_its_words() -> None:
    logger = logging.Logger("mitmproxy.proxy.server")
    logger.addHandler(FaultsOnly())
    with capture_logs() as logs:
        logger.warning("Client TLS handshake failed for secret.example")
        try:
            raise OSError("secret.example")
        except OSError:
            logger.exception("mitmproxy has crashed on secret.example")
    assert [(log["event"], log["fault"]) for log in logs] == [("proxy_fault", "OSError")]
    assert "secret" not in str(logs)


@pytest.mark.parametrize(
    ("source", "fault", "passed_on"),
    [
        ("asyncio", ConnectionResetError(), False),
        ("asyncio", BrokenPipeError(), False),
        ("asyncio", OSError(), True),
        ("mitmproxy.proxy.server", ConnectionResetError(), True),
    ],
)
def test_a_peer_that_hung_up_is_no_fault(source: str, fault: Exception, passed_on: bool) -> None:
    logger = logging.Logger(source)
    logger.addHandler(FaultsOnly())
    with capture_logs() as logs:
        logger.error("Future exception was never retrieved", exc_info=fault)
    assert len(logs) == passed_on


@pytest.mark.slow
@pytest.mark.parametrize(
    ("happens", "where"),
    [
        ("threading.Thread(target=fail).start()", "thread"),
        ("class A:\n  def __del__(self): fail()\nA()", "destructor"),
        ("warnings.warn('secret.example')", ""),
        ("try: fail()\nexcept ValueError: structlog.get_logger().exception('ours')", "ours"),
        ("structlog.get_logger().error('ours', exc_info=ValueError('secret.example'))", "ours"),
    ],
    ids=["thread", "destructor", "warning", "ours", "given"],
)
def test_whatever_goes_wrong_its_words_and_variables_are_not_written(happens: str, where: str) -> None:
    code = (
        "import threading, warnings, structlog; from proxy_addons.quiet_log import quieten\n"
        "def fail():\n  visited = 'secret.example'\n  raise ValueError(visited)\n"
        f"quieten()\n{happens}\n"
    )
    root = Path(__file__).parents[2]
    run = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert "secret" not in run.stdout + run.stderr
    assert where in run.stderr
    assert ("ValueError" in run.stderr) == bool(where)
