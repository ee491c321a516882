"""What a signal handler of the program raises while our code runs reaches the program."""
import os
import unittest

from harness import AgentTest

# Not the program's: as the agent does, it catches any exception, and the run goes on.
OURS = """
from reprise_agent.interrupt import pass_on
def ours(what):
    try:
        what()
    except Exception as error:
        pass_on(error)
        return "went on"
    return "nothing was raised"
"""
KINDS = """
import functools, os, signal, sys
sys.path.insert(0, sys.argv[1])
from catching import ours
class Late(Exception): pass
def plain(number, frame): raise Late()
def several(*words, **more): raise Late()
def forgets(number, frame):
    del frame
    raise Late()
def climbs(number, frame):
    while frame is not None: frame = frame.f_back
    raise Late()
def deeper(number, frame):
    def inner(): plain(0, None)
    inner()
def decorated(function):
    @functools.wraps(function)
    def wrapper(*args): return function(*args)
    return wrapper
class Handler:
    def method(self, number, frame): raise Late()
    def __call__(self, number, frame): raise Late()
    def late(self, number, frame):
        number = frame = None
        raise Late()
handlers = [plain, several, forgets, climbs, deeper, decorated(plain), Handler().method, Handler(), Handler().late,
            functools.partial(lambda more, number, frame: plain(0, 0), 1), functools.partial(forgets)]
passed = []
for handler in handlers:
    signal.signal(signal.SIGUSR1, handler)
    kill = functools.partial(os.kill, os.getpid(), signal.SIGUSR1)
    for what in (kill, functools.partial(ours, kill)):
        try:
            passed.append(ours(what))
        except Late:
            passed.append(True)
print(passed == [True] * 2 * len(handlers) or passed)
"""
CALLED = """
import sys
sys.path.insert(0, sys.argv[1])
from catching import ours
def helper(frame): raise ValueError(frame)
def looks(): helper(sys._getframe())
def fails(): return 1 / 0
print([ours(one) for one in (looks, fails, lambda: looks())])
"""


class Interrupts(AgentTest):
    def catching(self):
        folder = os.path.join(self.root, "library")
        os.mkdir(folder)
        with open(os.path.join(folder, "catching.py"), "w") as file:
            file.write(OURS)
        return folder

    def test_every_kind_of_handler_is_told(self):
        self.write("main.py", KINDS)
        self.assertEqual(self.run_python("main.py", self.catching()).out, "True\n")

    def test_what_the_program_raises_when_we_call_it_is_caught(self):
        self.write("main.py", CALLED)
        self.assertEqual(self.run_python("main.py", self.catching()).out, "['went on', 'went on', 'went on']\n")

    def test_a_fault_while_the_interpreter_ends_disturbs_nothing(self):
        text = """
        import sys
        from reprise_agent import interrupt, sink
        def broken(sink=sink):
            try:
                raise OSError("late")
            except OSError as error:
                sink.fault("late", error)
        class Last:
            def __del__(self, broken=broken, print=print):
                broken()
                print("done", flush=True)
        keep = Last()
        interrupt._signal = interrupt._handlers = None
        broken()
        """
        run = self.run_text(text)
        self.assertEqual((run.out, run.err), ("done\n", ""))

    def test_no_reader_and_no_audit_of_files_keeps_it(self):
        text = """
        import os, signal, time
        class Late(%s): pass
        def handler(number, frame):
            %s
            raise Late()
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
        for base, first in (("Exception", "pass"), ("TimeoutError", "del frame"), ("RuntimeError", "frame = frame.f_back")):
            with self.subTest(base):
                run = self.run_text(text % (base, first))
                self.assertEqual(run.out, "400\n")
                self.no_faults(run)


if __name__ == "__main__":
    unittest.main()
