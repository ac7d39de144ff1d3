"""Flow in, event out: the gateway. The only importer of mitmproxy."""
