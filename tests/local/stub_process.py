"""A real process in the place of the worker or the API: `python stand_in.py PORT` answers 200 on /ready."""

import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Ready(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/ready" else 404)
        self.end_headers()


def serving(port: int) -> tuple[str, ...]:
    """The command that serves on this port."""
    return (sys.executable, __file__, str(port))


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), _Ready).serve_forever()
