"""Gives a command a terminal of its own and copies it: what it shows to our output and to the logs, what is typed to it.

Run by itself, as `python3 -I -S ptyhost.py --stdin tty|inherit --stdout … --stderr … [--size COLUMNSxROWS] [--tee 0|1]
--log-stdout PATH --log-stderr PATH --status PATH -- command…`. Imports nothing of the agent.
The status file ends as `exit CODE`, `signal N` or `notfound ERRNO`.
"""
import errno
import fcntl
import os
import select
import signal
import struct
import sys
import termios
import time

TO_GROUP = (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)
TO_CHILD = (signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2)
CHUNK = 65536
QUIET = 0.05  # a terminal passes on what was written to it with a short delay
EOF_EVERY = 0.5
EOF_MOST = 64


def parse(words):
    options = {"stdin": "inherit", "stdout": "inherit", "stderr": "inherit", "size": "80x24", "tee": "1"}
    at = 0
    while at < len(words) and words[at] != "--":
        options[words[at][2:]] = words[at + 1]
        at += 2
    return options, words[at + 1 :]


def set_size(fd, columns, rows):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def real_size():
    for fd in (1, 2, 0):
        try:
            rows, columns = struct.unpack("HHHH", fcntl.ioctl(fd, termios.TIOCGWINSZ, b"\0" * 8))[:2]
            if rows and columns:
                return columns, rows
        except OSError:
            pass
    return None


def write_all(fd, data):
    """False when nobody takes it any more."""
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(fd, view) :]
        except BlockingIOError:
            select.select([], [fd], [], 1)
        except InterruptedError:
            pass
        except OSError:
            return False
    return True


class Output:
    """One terminal of the child: where what it shows goes."""

    def __init__(self, *sinks):
        self.master, self.slave = os.openpty()
        self.sinks = [sink for sink in sinks if sink is not None]

    def copy(self):
        """Copies what is there. False at the end."""
        try:
            data = os.read(self.master, CHUNK)
        except InterruptedError:
            return True
        except OSError:
            return False  # EIO: every process has closed it
        self.sinks = [sink for sink in self.sinks if write_all(sink, data)]
        return bool(data)


class Host:
    def __init__(self, options, command):
        self.options = options
        self.command = command
        self.size = tuple(map(int, options["size"].split("x")))
        on = {name: options[name] == "tty" for name in ("stdin", "stdout", "stderr")}
        # Standard input and output are one terminal; standard error is another, so that the two can be told apart.
        self.first = self.second = None
        if on["stdout"]:
            self.first = Output(*self.sinks(1, "log-stdout"))
        elif on["stdin"]:
            # Only what is typed is echoed there, and belongs to the screen before which it is typed.
            self.first = Output(0 if os.isatty(0) else None)
        if on["stderr"]:
            self.second = Output(*self.sinks(2, "log-stderr"))
        self.outputs = [output for output in (self.first, self.second) if output is not None]
        self.fds = {0: self.first if on["stdin"] else None, 1: self.first if on["stdout"] else None, 2: self.second}
        self.own = on["stdin"] and os.isatty(0)
        self.reads = on["stdin"] and not self.own
        self.saved = None
        self.eofs = 0
        self.eof_at = None
        self.child = 0

    def sinks(self, tee, log):
        path = self.options.get(log)
        return tee if self.options["tee"] == "1" else None, os.open(path, os.O_WRONLY) if path else None

    def prepare(self):
        modes = None
        for fd in (0, 1, 2):
            try:
                modes = termios.tcgetattr(fd)
                break
            except termios.error:
                pass
        for output in self.outputs:
            set_size(output.master, *self.size)
            if modes is not None:
                termios.tcsetattr(output.slave, termios.TCSANOW, modes)
        self.engage()

    def engage(self):
        """Takes the keyboard, unless we are in the background: then when we are brought to the front."""
        if not self.own or self.saved is not None or os.tcgetpgrp(0) != os.getpgrp():
            return
        self.saved = termios.tcgetattr(0)
        raw = termios.tcgetattr(0)
        raw[0] &= ~(termios.BRKINT | termios.ICRNL | termios.INPCK | termios.ISTRIP | termios.IXON)
        raw[1] &= ~termios.OPOST
        raw[2] = raw[2] & ~(termios.CSIZE | termios.PARENB) | termios.CS8
        raw[3] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
        raw[6][termios.VMIN], raw[6][termios.VTIME] = 1, 0
        termios.tcsetattr(0, termios.TCSADRAIN, raw)
        self.reads = True

    def restore(self):
        if self.saved is not None:
            try:
                termios.tcsetattr(0, termios.TCSADRAIN, self.saved)
            except termios.error:
                pass

    def start(self):
        """Starts the child; the errno when it could not be."""
        news, tell = os.pipe()
        self.child = os.fork()
        if self.child == 0:
            try:
                self.become()
            except OSError as error:
                os.write(tell, str(error.errno or 0).encode())
            finally:
                os._exit(127)
        os.close(tell)
        for output in self.outputs:
            os.close(output.slave)
        told = os.read(news, 16)
        os.close(news)
        return int(told) if told else None

    def become(self):
        os.setsid()
        fcntl.ioctl(self.outputs[0].slave, termios.TIOCSCTTY, 0)
        for fd, output in self.fds.items():
            if output is not None:
                os.dup2(output.slave, fd)
        for one in (signal.SIGPIPE, getattr(signal, "SIGXFSZ", signal.SIGPIPE)):
            signal.signal(one, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        os.execvp(self.command[0], self.command)

    def type(self):
        """Hands on what was typed."""
        try:
            data = os.read(0, 1024)
        except InterruptedError:
            return
        except OSError:
            data = b""
        if data:
            write_all(self.first.master, data)
        else:
            self.reads = False
            self.eof_at = 0

    def close_input(self, now):
        """Our input ended: so does the child's, at each attempt to read it, not only the first."""
        if self.eof_at is not None and now >= self.eof_at and self.eofs < EOF_MOST:
            self.eofs += 1
            self.eof_at = now + EOF_EVERY
            write_all(self.first.master, b"\x04")

    def on_signal(self, number):
        if number == signal.SIGCONT:
            self.engage()
        elif number == signal.SIGWINCH:
            size = real_size()
            if size is not None:
                for output in self.outputs:
                    set_size(output.master, *size)
        elif number in TO_GROUP or number in TO_CHILD:
            try:
                if number in TO_CHILD:
                    os.kill(self.child, number)
                else:
                    os.killpg(self.foreground(), number)
            except OSError:
                pass

    def foreground(self):
        """The group that a keyboard would reach: a shell below us may have given its own to another."""
        try:
            group = os.tcgetpgrp(self.outputs[0].master)
            return group if group > 0 else self.child
        except OSError:
            return self.child

    def run(self, signals):
        """Copies until the child ends; its wait status."""
        status = None
        outputs = {output.master: output for output in self.outputs}
        while True:
            self.close_input(time.monotonic())
            waiting = list(outputs) + [signals] + ([0] if self.reads else [])
            wait = QUIET if status is not None else EOF_EVERY if self.eof_at is not None and self.eofs < EOF_MOST else None
            try:
                ready = select.select(waiting, [], [], wait)[0]
            except InterruptedError:
                continue
            if signals in ready:
                for number in os.read(signals, 256):
                    self.on_signal(number)
            if 0 in ready and self.reads:
                self.type()
            for master in [fd for fd in ready if fd in outputs]:
                if not outputs[master].copy():
                    del outputs[master]
            if status is None:
                pid, found = os.waitpid(self.child, os.WNOHANG)
                if pid == self.child:
                    status, self.reads, self.eof_at = found, False, None
            elif not outputs or not any(fd in outputs for fd in ready):
                return status


def listen():
    """A descriptor from which the numbers of signals can be read."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing)
    for number in TO_GROUP + TO_CHILD + (signal.SIGWINCH, signal.SIGCHLD, signal.SIGCONT):
        signal.signal(number, lambda *_: None)
    return reading


def main():
    options, command = parse(sys.argv[1:])
    host = Host(options, command)
    signals = listen()
    host.prepare()
    try:
        failed = host.start()
        status = host.run(signals) if failed is None else None
    finally:
        host.restore()
    if failed is not None:
        word, code = "notfound %d" % failed, 126 if failed == errno.EACCES else 127
    elif os.WIFSIGNALED(status):
        word, code = "signal %d" % os.WTERMSIG(status), 128 + os.WTERMSIG(status)
    else:
        code = os.WEXITSTATUS(status)
        word = "exit %d" % code
    fd = os.open(options["status"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.write(fd, (word + "\n").encode())
    os.close(fd)
    sys.exit(code)


if __name__ == "__main__":
    main()
