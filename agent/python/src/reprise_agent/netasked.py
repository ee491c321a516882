"""What was asked of a server: by this an answer is known.

HTTP: port, request line, host and body; other headers (dates, signatures, ids) may differ. Anything else: address and every byte.
"""
from . import derive

_LONGEST_HEAD = 64 * 1024


class Asked:
    def __init__(self):
        self._head, self._body = b"", None

    def add(self, data):
        if self._body is not None:
            return self._body.update(data)
        self._head += bytes(data)
        end = self._head.find(b"\r\n\r\n")
        if end >= 0 or len(self._head) > _LONGEST_HEAD:
            cut = end + 4 if end >= 0 and self._is_http() else 0
            self._head, rest = self._head[:end] if cut else b"", self._head[cut:]
            self._body = derive.sha256(rest)

    def _is_http(self):
        return self._head.split(b"\r\n", 1)[0].rpartition(b" ")[2].startswith(b"HTTP/1.")

    def key(self, host, port):
        if self._body is None:
            return ("%s %d %s" % (host, port, derive.sha256(self._head).hexdigest())).encode()
        if not self._head:
            return ("%s %d %s" % (host, port, self._body.hexdigest())).encode()
        lines = self._head.split(b"\r\n")
        hosts = [line.partition(b":")[2].strip() for line in lines[1:] if line.lower().startswith(b"host:")]
        return b"%d %s" % (port, b" ".join(lines[:1] + hosts + [self._body.hexdigest().encode()]))
