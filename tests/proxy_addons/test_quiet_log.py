"""mitmproxy's log without its words."""

import logging

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
