"""Somebody in the middle: ends TLS with a certificate of its own, and passes all on over TLS."""

import contextlib
import select
import socket
import ssl
import threading


class TlsRelay:
    """Listens on `port` until it is closed, and passes everything on to a port of this machine."""

    def __init__(self, to_port, certificate):
        self._to_port = to_port
        self._ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ours.load_cert_chain(certificate.file, certificate.key_file)
        self._theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._theirs.check_hostname = False
        self._theirs.verify_mode = ssl.CERT_NONE
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        # Closing alone would not wake the thread that accepts.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                plain, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(plain,), daemon=True).start()

    def _serve(self, plain):
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            near = stack.enter_context(self._ours.wrap_socket(plain, server_side=True))
            beyond = stack.enter_context(socket.create_connection(("127.0.0.1", self._to_port)))
            far = stack.enter_context(self._theirs.wrap_socket(beyond))
            other = {near: far, far: near}
            while all(self._pass_on(one, other[one]) for one in self._readable(near, far)):
                pass

    @staticmethod
    def _readable(*sides):
        pending = [side for side in sides if side.pending()]
        return pending or select.select(sides, [], [])[0]

    @staticmethod
    def _pass_on(source, sink):
        """Whether the source goes on; what came may have been TLS's own affairs."""
        source.setblocking(False)
        try:
            data = source.recv(65536)
        except ssl.SSLWantReadError:
            return True
        finally:
            source.setblocking(True)
        sink.sendall(data)
        return bool(data)
