"""Gives a command a terminal of its own, with separate ones for its output and its errors, and copies what it says.

python -I -S ptyhost.py [--stdin tty|inherit] [--stdout tty|inherit] [--stderr tty|inherit] [--size COLSxROWS]
    [--log-stdout PATH] [--log-stderr PATH] [--tee 0|1] [--status PATH] [--control-fd N] -- COMMAND …
Stands alone: of the agent it needs terminal.py beside it, and else only what starts within milliseconds.
"""
import _signal as signals
import errno
import fcntl
import os
import select
import sys
import termios
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from terminal import Outer, Stream, in_turn, real_size, wanted_size, write_all  # noqa: E402

_CHOICES = ("stdin", "stdout", "stderr", "size", "log-stdout", "log-stderr", "tee", "status", "control-fd")
_PASSED_ON = (signals.SIGINT, signals.SIGTERM, signals.SIGHUP, signals.SIGQUIT, signals.SIGUSR1, signals.SIGUSR2)
_GRACE = 2.0  # seconds between SIGHUP and SIGKILL for what an interrupted command leaves behind
_QUIET = 0.2  # seconds without output after which a left-over writer is not waited for
_EOF_EVERY, _EOF_MOST = 0.5, 64  # an input that has ended ends at every attempt to read it, not at the first only
_TWICE = 0.1  # a terminal and a parent may both deliver one Ctrl-C


def options(argv):
    chosen = {"stdin": "inherit", "stdout": "inherit", "stderr": "inherit", "tee": "1"}
    at = 0
    while at < len(argv) and argv[at] != "--":
        name = argv[at][2:]
        if not argv[at].startswith("--") or name not in _CHOICES or at + 1 >= len(argv):
            raise SystemExit("ptyhost: unknown option " + argv[at])
        chosen[name] = argv[at + 1]
        at += 2
    command = argv[at + 1 :]
    if not command:
        raise SystemExit("ptyhost: no command")
    return chosen, command


def start(command, slaves, controlling, ignored):
    """Forks the command into a session of its own. Returns (pid, errno of a failed start or 0)."""
    ready, told = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.setsid()
            if controlling >= 0:
                fcntl.ioctl(controlling, termios.TIOCSCTTY, 0)
            for fd, slave in enumerate(slaves):
                if slave >= 0:
                    os.dup2(slave, fd)
            signals.set_wakeup_fd(-1)
            for number in range(1, 32):
                if number not in (signals.SIGKILL, signals.SIGSTOP) and number not in ignored:
                    signals.signal(number, signals.SIG_DFL)
            os.execvp(command[0], command)
        except OSError as error:
            os.write(told, b"%d" % (error.errno or errno.ENOENT))
        finally:
            os._exit(127)
    os.close(told)
    failure = os.read(ready, 16)
    os.close(ready)
    return pid, int(failure or 0)


def members(session):
    """Processes still in the command's session."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open("/proc/%s/stat" % name, "rb") as file:
                    fields = file.read().rpartition(b")")[2].split()
                if int(fields[3]) == session and fields[0] != b"Z":
                    found.append(int(name))
            except (OSError, IndexError):
                pass
    return found


def send(pids, number):
    for pid in pids:
        try:
            os.kill(pid, number)
        except OSError:
            pass


class Host:
    def __init__(self, chosen, command):
        self.chosen, self.command = chosen, command
        self.streams, self.input, self.controlling, self.opened, self.pending = [], -1, -1, [], b""
        self.masters, self.last, self.interrupted = [], {}, False
        self.pid = self.status = self.eof_at = None
        self.eofs = 0

    def terminals(self, outer):
        """Two terminals at most: one that controls (input, output), one for errors."""
        slaves = [-1, -1, -1]
        chosen, tee = self.chosen, self.chosen["tee"] == "1"
        size = wanted_size(chosen.get("size"))
        for name, fds in (("stdout", (0, 1)), ("stderr", (2,))):
            used = [fd for fd in fds if chosen[("stdin", "stdout", "stderr")[fd]] == "tty"]
            if not used and not (name == "stdout" and chosen["stderr"] == "tty"):
                continue
            master, slave = os.openpty()
            if outer.settings is not None:
                termios.tcsetattr(slave, termios.TCSANOW, outer.settings)
            fcntl.ioctl(master, termios.TIOCSWINSZ, size)
            os.set_blocking(master, False)
            self.masters.append(master)
            for fd in used:
                slaves[fd] = slave
            if 0 in used:
                self.input = master
            if fds[-1] in used:
                self.streams.append(Stream(master, chosen.get("log-" + name), fds[-1], tee))
            else:  # only the echo of what is typed is shown there: it belongs to the screen before which it is typed
                self.streams.append(Stream(master, None, 0, tee and os.isatty(0)))
            self.controlling = slave if name == "stdout" else self.controlling
            self.opened.append(slave)
        return slaves

    def run(self):
        outer = Outer()
        slaves = self.terminals(outer)
        wake, woken = os.pipe()
        os.set_blocking(wake, False)
        os.set_blocking(woken, False)
        ignored = {number for number in _PASSED_ON if signals.getsignal(number) == signals.SIG_IGN}
        for number in _PASSED_ON + (signals.SIGWINCH, signals.SIGCHLD):
            if number not in ignored:
                signals.signal(number, lambda *unused: None)
        for number in (signals.SIGTTOU, signals.SIGTTIN, signals.SIGTSTP):
            signals.signal(number, signals.SIG_IGN)
        signals.set_wakeup_fd(woken, warn_on_full_buffer=False)
        try:
            if self.input >= 0:
                outer.make_raw()
            self.pid, failure = start(self.command, slaves, self.controlling, ignored)
            for slave in self.opened:
                os.close(slave)
            if failure:
                os.waitpid(self.pid, 0)
                return self.tell("notfound %d" % failure, 126 if failure == errno.EACCES else 127)
            self.loop(wake)
            self.drain()
            self.clear_session()
        finally:
            outer.restore()
        if os.WIFSIGNALED(self.status):
            return self.tell("signal %d" % os.WTERMSIG(self.status), 128 + os.WTERMSIG(self.status))
        return self.tell("exit %d" % os.WEXITSTATUS(self.status), os.WEXITSTATUS(self.status))

    def loop(self, wake):
        typed = 0 if self.input >= 0 else -1
        while self.status is None:
            poll = select.poll()
            poll.register(wake, select.POLLIN)
            for stream in self.streams:
                if stream.open:
                    poll.register(stream.master, select.POLLIN | (select.POLLOUT if self.pending and stream.master == self.input else 0))
            if typed >= 0 and not self.pending:
                poll.register(typed, select.POLLIN)
            # A terminal that nobody holds open reports a hang-up at once: then only the end is waited for.
            ready = dict(poll.poll(None if self.eof_at is None else _EOF_EVERY * 1000))
            fresh = [(stream, stream.take()) for stream in self.streams if stream.master in ready and stream.open]
            for stream, data in in_turn([(stream, data) for stream, data in fresh if data]):
                stream.give(data)
            if typed in ready and not self.pending:
                typed = self.type(typed)
            self.end_input()
            if self.pending and self.input in ready:
                self.feed()
            if wake in ready:
                self.signalled(os.read(wake, 256))
            self.reap()

    def type(self, fd):
        """What was typed goes to the inner terminal; at the end of a file, its end-of-file character."""
        try:
            data = os.read(fd, 4096)
        except OSError:
            data = b""
        if not data:
            self.eof_at = 0
            return -1
        self.pending = data
        self.feed()
        return fd

    def end_input(self):
        now = time.monotonic()
        if self.eof_at is None or now < self.eof_at or self.pending:
            return
        self.eofs += 1
        self.eof_at = now + _EOF_EVERY if self.eofs < _EOF_MOST else None
        self.pending = b"\x04"
        self.feed()

    def feed(self):
        try:
            self.pending = self.pending[os.write(self.input, self.pending) :]
        except BlockingIOError:
            pass
        except OSError:
            self.pending = b""

    def signalled(self, numbers):
        for number in numbers:
            if number == signals.SIGWINCH:
                size = real_size()
                for master in self.masters if size else ():
                    fcntl.ioctl(master, termios.TIOCSWINSZ, size)
            elif number in _PASSED_ON:
                now = time.monotonic()
                if now - self.last.get(number, 0) >= _TWICE:
                    self.last[number] = now
                    self.interrupted = True
                    self.pass_on(number)

    def pass_on(self, number):
        group = self.pid
        if number == signals.SIGINT and self.masters:
            try:
                group = os.tcgetpgrp(self.masters[0]) or group
            except OSError:
                pass
        try:
            os.killpg(group, number)
        except OSError:
            pass

    def reap(self):
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if pid:
            self.status = status
            if os.WIFSIGNALED(status):
                self.interrupted = True

    def drain(self):
        while True:
            masters = {stream.master: stream for stream in self.streams if stream.open}
            ready = select.select(list(masters), [], [], _QUIET)[0] if masters else ()
            if not ready:
                return
            for master in ready:
                masters[master].copy()

    def clear_session(self):
        """An interrupted command takes everything that it started along."""
        if not self.interrupted:
            return
        send(members(self.pid), signals.SIGHUP)
        until = time.monotonic() + _GRACE
        while members(self.pid) and time.monotonic() < until:
            self.drain()
            time.sleep(0.02)
        send(members(self.pid), signals.SIGKILL)
        self.drain()

    def tell(self, line, code):
        data = (line + "\n").encode()
        if self.chosen.get("status"):
            fd = os.open(self.chosen["status"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            write_all(fd, data)
        if self.chosen.get("control-fd"):
            write_all(int(self.chosen["control-fd"]), data)
        return code


if __name__ == "__main__":
    sys.exit(Host(*options(sys.argv[1:])).run())
