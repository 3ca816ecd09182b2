"""An HTTP receiver that answers as a test tells it to, and keeps what it was sent."""

import http.server
import ssl
import threading


class _QuietServer(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """A client that hangs up, or trusts nobody here, is no mistake of the server's."""


class Receiver:
    """Answers the n-th request as `script[n]` says, and each that follows with 200. A step is a
    status, or a function that is given the request's handler."""

    def __init__(self, script=(), certificate=None):
        self.requests = []
        self._script = list(script)
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                step = receiver._next_step()
                receiver.requests.append((dict(self.headers), body))
                if callable(step):
                    step(self)
                else:
                    answer(self, step)

            def log_message(self, *_):
                pass

        self._server = _QuietServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate.file, certificate.key_file)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._scheme = "https" if certificate else "http"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def _next_step(self):
        return self._script.pop(0) if self._script else 200

    @property
    def port(self):
        return self._server.server_address[1]

    def url(self, host="127.0.0.1"):
        return f"{self._scheme}://{host}:{self.port}/hook/a-token"

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def answer(handler, status, **fields):
    """Answers with nothing but a status and fields: `Retry_After=1` is Retry-After."""
    handler.send_response(status)
    handler.send_header("Content-Length", "0")
    for name, value in fields.items():
        handler.send_header(name.replace("_", "-"), str(value))
    handler.end_headers()
