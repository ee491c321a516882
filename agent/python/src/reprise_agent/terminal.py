"""Terminals for ptyhost: their sizes and settings, and the copying of what is written to them."""
import errno
import fcntl
import os
import select
import sys
import termios


def write_all(fd, data):
    """Everything, also where the other side has made the descriptor non-blocking. False when it is gone."""
    while data:
        try:
            data = data[os.write(fd, data) :]
        except BlockingIOError:
            select.select([], [fd], [], 1)
        except OSError:
            return False
    return True


def real_size():
    for fd in (0, 1, 2):
        try:
            found = fcntl.ioctl(fd, termios.TIOCGWINSZ, b"\0" * 8)
            if found[:4] != b"\0\0\0\0":
                return found
        except OSError:
            pass
    return None


def wanted_size(text):
    if text and "x" in text:
        columns, rows = text.split("x")
        return b"".join([int(part).to_bytes(2, sys.byteorder) for part in (rows, columns, 0, 0)])
    return real_size() or wanted_size("80x24")


def raw(settings):
    """Every key as it is typed; the inner terminal does the work of one."""
    settings = list(settings)
    settings[0] &= ~(termios.BRKINT | termios.ICRNL | termios.INPCK | termios.ISTRIP | termios.IXON)
    settings[1] &= ~termios.OPOST
    settings[2] = settings[2] & ~(termios.CSIZE | termios.PARENB) | termios.CS8
    settings[3] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
    settings[6] = list(settings[6])
    settings[6][termios.VMIN], settings[6][termios.VTIME] = 1, 0
    return settings


class Outer:
    """The terminal that we run in, if any; its settings are given back whatever happens."""

    def __init__(self):
        try:
            self.settings = termios.tcgetattr(0)
        except termios.error:
            self.settings = None
        self.changed = False

    def make_raw(self):
        try:
            if self.settings is not None and os.tcgetpgrp(0) == os.getpgrp():
                termios.tcsetattr(0, termios.TCSADRAIN, raw(self.settings))
                self.changed = True
        except (termios.error, OSError):
            pass

    def restore(self):
        if self.changed:
            self.changed = False
            try:
                termios.tcsetattr(0, termios.TCSADRAIN, self.settings)
            except termios.error:
                pass


class Stream:
    """One output of the command: read from its terminal, copied to the log and to our own."""

    def __init__(self, master, log, own, tee):
        self.master, self.own, self.open = master, own, True
        self.log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600) if log else -1
        self.tee = tee

    def copy(self):
        data = self.take()
        return self.give(data) if data else False

    def take(self):
        """What is there; empty when nothing is, or when the stream has ended."""
        try:
            data = os.read(self.master, 65536)
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.EINTR):
                return b""
            data = b""  # EIO: nobody holds the other side any more
        if not data:
            self.open = False
        return data

    def give(self, data):
        if self.tee:
            self.tee = write_all(self.own, data)
        if self.log >= 0 and not write_all(self.log, data):
            self.log = -1
        return True


def in_turn(fresh):
    """The order in which chunks that came at once are shown: a line break that ends a bar goes before the next line."""
    if len(fresh) < 2:
        return fresh
    (first, text), (second, bar) = fresh
    at = bar.find(b"\n") + 1
    if not at or bar[:at].strip():
        return fresh
    rest = [(second, bar[at:])] if bar[at:] else []
    return [(second, bar[:at]), (first, text)] + rest
