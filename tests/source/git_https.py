"""A git server over HTTPS on loopback, through git's own http-backend.

    git_https.py FOLDER TOKEN

serves the bare repositories in FOLDER to whoever sends TOKEN as the password, puts its authority's
certificate into FOLDER/ca.pem and every request's path, with the user who asked, into
FOLDER/requests. Says its port once it listens. The first part of a path may ask for something else:
/busy, /moved, /elsewhere, /text, /silent, /endless.
"""

import base64
import http.server
import os
import pathlib
import shutil
import socketserver
import ssl
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from certificates import Authority  # noqa: E402  pylint: disable=wrong-import-position

ADVERTISEMENT = "application/x-git-upload-pack-advertisement"


class Handler(http.server.BaseHTTPRequestHandler):
    """One request."""

    folder = None
    token = ""

    def log_message(self, *_args):
        """Standard error is the test's."""

    def do_GET(self):
        self._answer(b"")

    def do_POST(self):
        self._answer(self.rfile.read(int(self.headers["Content-Length"])))

    def _answer(self, body):
        path = self.path.partition("?")[0]
        user, password = self._credentials()
        with open(self.folder / "requests", "a", encoding="utf-8") as log:
            log.write(f"{path} {user}\n")
        odd = getattr(self, f"_{path.split('/')[1]}", None)
        if odd:
            odd()
        elif password != self.token:
            self._say(401, "text/plain", b"no")
        else:
            self._run_git(path, body)

    def _credentials(self):
        kind, _, encoded = self.headers.get("Authorization", "").partition(" ")
        if kind != "Basic":
            return "nobody", ""
        user, _, password = base64.b64decode(encoded).decode().partition(":")
        return user, password

    def _run_git(self, path, body):
        done = subprocess.run(
            ["git", "http-backend"],
            input=body,
            stdout=subprocess.PIPE,
            check=True,
            env={
                "PATH": os.environ["PATH"],
                "GIT_PROJECT_ROOT": str(self.folder),
                "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": path,
                "QUERY_STRING": self.path.partition("?")[2],
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "REMOTE_USER": "somebody",
                "HOME": "/nonexistent",
                "GIT_CONFIG_COUNT": "1",
                "GIT_CONFIG_KEY_0": "safe.directory",
                "GIT_CONFIG_VALUE_0": "*",
            },
        ).stdout
        head, _, content = done.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        status = int(fields.get("Status", "200").split()[0])
        self._say(status, fields.get("Content-Type", "text/plain"), content)

    def _say(self, status, kind, content, **fields):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in fields.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def _busy(self):
        self._say(503, "text/plain", b"later")

    def _moved(self):
        path = self.path.removeprefix("/moved")
        self._say(301, "text/plain", b"", Location=f"https://user:pass@localhost{path}")

    def _elsewhere(self):
        self._say(302, "text/plain", b"", Location="/remote.git/info/refs")

    def _text(self):
        self._say(200, "text/html", b"<h1>Welcome</h1>")

    def _silent(self):
        threading.Event().wait()

    def _endless(self):
        self.send_response(200)
        self.send_header("Content-Type", ADVERTISEMENT)
        self.end_headers()
        line = "0" * 40 + " refs/heads/" + "x" * 60 + "\n"
        packet = f"{len(line) + 4:04x}{line}".encode()
        self.wfile.write(b"001e# service=git-upload-pack\n0000")
        try:
            while True:
                self.wfile.write(packet * 100)
        except OSError:
            pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """A thread for each connection, the handshake in it."""

    daemon_threads = True
    context = None

    def finish_request(self, request, client_address):
        try:
            wrapped = self.context.wrap_socket(request, server_side=True)
            super().finish_request(wrapped, client_address)
            wrapped.unwrap()
        except OSError:
            pass  # Whoever asked does not trust us, or had enough.


def main():
    Handler.folder = pathlib.Path(sys.argv[1])
    Handler.token = sys.argv[2]
    authority = Authority(Handler.folder, "Git CA")
    shutil.copy(authority.file, Handler.folder / "ca.pem")
    certificate = authority.issue("localhost")
    Server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    Server.context.load_cert_chain(certificate.file, certificate.key_file)
    with Server(("127.0.0.1", 0), Handler) as server:
        print(server.server_address[1], flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
