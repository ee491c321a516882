"""What a signal handler of the program raises while our code runs reaches the program."""
import functools
import os
import signal
import sys
import unittest

from harness import SOURCE, AgentTest

sys.path.insert(0, SOURCE)

from reprise_agent.interrupt import pass_on  # noqa: E402


class Late(Exception):
    pass


def plain(number, frame):
    raise Late()


def several(*words, **more):
    raise Late()


def deeper(number, frame):
    def inner():
        plain(0, None)

    inner()


class Handler:
    def method(self, number, frame):
        raise Late()

    def __call__(self, number, frame):
        raise Late()


HANDLERS = (
    plain, several, deeper, Handler().method, Handler(), functools.partial(lambda more, number, frame: plain(0, 0), 1),
)  # fmt: skip


def ours(what):
    """As the agent does: any exception is caught, and the run goes on."""
    try:
        what()
    except Exception as error:
        pass_on(error)
        return "went on"
    return "nothing was raised"


class Interrupts(AgentTest):
    def test_every_kind_of_handler_is_told(self):
        before = signal.getsignal(signal.SIGUSR1)
        self.addCleanup(signal.signal, signal.SIGUSR1, before)
        for handler in HANDLERS:
            signal.signal(signal.SIGUSR1, handler)
            with self.assertRaises(Late, msg=repr(handler)):
                ours(lambda: os.kill(os.getpid(), signal.SIGUSR1))
            with self.assertRaises(Late, msg=repr(handler)):
                ours(lambda: ours(lambda: os.kill(os.getpid(), signal.SIGUSR1)))

    def test_what_the_program_raises_when_we_call_it_is_caught(self):
        for call in (lambda: plain(15, None), lambda: several(15, frame=1), Handler().__call__, lambda: deeper(1, 2), lambda: 1 / 0):
            self.assertEqual(ours(call), "went on")

    def test_no_reader_and_no_audit_of_files_keeps_it(self):
        text = """
        import os, signal, time
        class Late(%s): pass
        def handler(number, frame): raise Late()
        signal.signal(signal.SIGALRM, handler)
        caught = 0
        for turn in range(400):
            try:
                signal.setitimer(signal.ITIMER_REAL, 0.0003 + 0.000001 * turn)
                while True:
                    open("main.py").close()
                    time.time()
                    os.getpid()
                    os.listdir(".")
            except Late:
                caught += 1
        print(caught)
        """
        for base in ("Exception", "TimeoutError", "RuntimeError"):
            with self.subTest(base):
                run = self.run_text(text % base)
                self.assertEqual(run.out, "400\n")
                self.no_faults(run)


if __name__ == "__main__":
    unittest.main()
