"""The host of terminals: what the command sees of it, and what comes back."""
import os
import signal
import subprocess
import sys
import time
import unittest

from harness import SOURCE, AgentTest

HOST = os.path.join(SOURCE, "reprise_agent", "ptyhost.py")
LOOK = "import os; print([os.isatty(fd) for fd in (0, 1, 2)], os.get_terminal_size(1) if os.isatty(1) else None)"


class PtyHost(AgentTest):
    def host(self, options, command, stdin=subprocess.DEVNULL):
        self.status = os.path.join(self.root, "status")
        words = [sys.executable, "-I", "-S", HOST, "--status", self.status] + options + ["--"] + command
        return subprocess.Popen(words, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.project, start_new_session=True)

    def told(self):
        with open(self.status) as file:
            return file.read()

    def test_terminals_where_asked(self):
        all_of_them = ["--stdin", "tty", "--stdout", "tty", "--stderr", "tty", "--size", "91x17"]
        out, _ = self.host(all_of_them, [sys.executable, "-c", LOOK]).communicate(timeout=20)
        self.assertEqual(out.decode().strip(), "[True, True, True] os.terminal_size(columns=91, lines=17)")
        out, _ = self.host(["--stdout", "tty"], [sys.executable, "-c", LOOK]).communicate(timeout=20)
        self.assertIn("[False, True, False]", out.decode())
        out, _ = self.host(["--stderr", "tty"], [sys.executable, "-c", LOOK]).communicate(timeout=20)
        self.assertIn("[False, False, True]", out.decode())

    def test_streams_stay_apart_and_logs_are_whole(self):
        log, errors = os.path.join(self.root, "log"), os.path.join(self.root, "errors")
        os.mkfifo(log)
        copy = os.path.join(self.root, "copy")
        reader = subprocess.Popen(["sh", "-c", 'cat "$0" > "$1"', log, copy])
        options = ["--stdout", "tty", "--stderr", "tty", "--log-stdout", log, "--log-stderr", errors, "--tee", "0"]
        child = self.host(options, ["sh", "-c", "seq 1 20000; echo bad >&2"])
        out, err = child.communicate(timeout=30)
        self.assertEqual((out, err, child.returncode), (b"", b"", 0))
        reader.wait(20)
        with open(copy) as file:
            self.assertEqual(file.read().split(), [str(n) for n in range(1, 20001)])
        with open(errors) as file:
            self.assertEqual(file.read().strip(), "bad")

    def test_the_end_of_a_bar_comes_before_the_next_line(self):
        sys.path.insert(0, os.path.join(SOURCE, "reprise_agent"))
        try:
            from terminal import in_turn
        finally:
            sys.path.pop(0)
        self.assertEqual(in_turn([("out", b"loss\r\n"), ("err", b"\r\n")]), [("err", b"\r\n"), ("out", b"loss\r\n")])
        self.assertEqual(in_turn([("out", b"loss\r\n"), ("err", b"\n 5%")]), [("err", b"\n"), ("out", b"loss\r\n"), ("err", b" 5%")])
        self.assertEqual(in_turn([("out", b"loss\r\n"), ("err", b"\r 5%")]), [("out", b"loss\r\n"), ("err", b"\r 5%")])
        self.assertEqual(in_turn([("err", b"\n")]), [("err", b"\n")])

    def test_exit_codes(self):
        for command, code, told in (
            (["sh", "-c", "exit 3"], 3, "exit 3\n"),
            (["sh", "-c", "kill -9 $$"], 137, "signal 9\n"),
            (["no-such-command"], 127, "notfound 2\n"),
            ([self.project], 126, "notfound 13\n"),
        ):
            if os.path.exists(os.path.join(self.root, "status")):
                os.remove(self.status)
            child = self.host(["--stdout", "tty"], command)
            child.communicate(timeout=20)
            self.assertEqual((child.returncode, self.told()), (code, told))

    def counting(self):
        return self.write(
            "count.py",
            """
            import signal, sys, time
            seen = []
            signal.signal(signal.SIGINT, lambda *unused: seen.append(1))
            print("ready", flush=True)
            end = time.time() + 1
            while time.time() < end: time.sleep(0.05)
            print("seen", len(seen))
            """,
        )

    def test_a_signal_is_passed_on_once(self):
        child = self.host(["--stdin", "tty", "--stdout", "tty"], [sys.executable, self.counting()])
        self.assertEqual(child.stdout.readline().strip(), b"ready")
        os.kill(child.pid, signal.SIGINT)
        self.assertEqual(child.communicate(timeout=20)[0].strip(), b"seen 1")

    def test_ctrl_c_typed_arrives_once_and_the_terminal_is_restored(self):
        import pty
        import termios

        master, slave = pty.openpty()
        before = termios.tcgetattr(slave)
        words = [sys.executable, "-I", "-S", HOST, "--stdin", "tty", "--stdout", "tty", "--stderr", "tty", "--", sys.executable, self.counting()]
        starter = "import os, fcntl, termios, sys; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
        child = subprocess.Popen([sys.executable, "-c", starter] + words, stdin=slave, stdout=slave, stderr=slave)
        text = b""
        while b"ready" not in text:
            text += os.read(master, 1000)
        self.assertFalse(termios.tcgetattr(slave)[3] & termios.ICANON)
        os.write(master, b"\x03")
        while b"\n" not in text.partition(b"seen")[2]:
            text += os.read(master, 1000)
        child.wait(20)
        self.assertIn(b"seen 1", text)
        self.assertEqual(termios.tcgetattr(slave), before)
        os.close(master)
        os.close(slave)

    def test_a_terminated_command_takes_its_children_along(self):
        child = self.host(["--stdout", "tty"], ["sh", "-c", "sleep 300 & echo $!; wait"])
        pid = int(child.stdout.readline())
        child.terminate()
        child.communicate(timeout=20)
        self.assertEqual((child.returncode, self.told()), (143, "signal 15\n"))
        time.sleep(0.1)
        try:
            with open("/proc/%d/stat" % pid) as file:
                self.assertEqual(file.read().split()[2], "Z")
        except FileNotFoundError:
            pass

    def test_what_is_typed_reaches_the_command(self):
        child = self.host(["--stdin", "tty", "--stdout", "tty"], [sys.executable, "-c", "print('got', input())"], stdin=subprocess.PIPE)
        out, _ = child.communicate(b"words\n", timeout=20)
        self.assertIn(b"got words", out)
        self.assertEqual(child.returncode, 0)


if __name__ == "__main__":
    unittest.main()
