"""Getting in: every way a Python process starts, and staying out where we must."""
import json
import os
import re
import sys
import unittest

from harness import SITE, SOURCE, AgentTest


SPAWNED = """import multiprocessing, sys
def show():
    %s
if __name__ == "__main__":
    child = multiprocessing.get_context(sys.argv[1]).Process(target=show)
    child.start()
    child.join()
"""


class Entry(AgentTest):
    def test_a_script_says_hello_and_ends(self):
        run = self.run_text("import sys; print(sys.argv)", root="")
        hello = run.of("hello")[0]
        self.assertEqual((hello["proc"], hello["lang"], hello["v"]), ("0", "python", 1))
        self.assertEqual(hello["argv"][1:], ["main.py"])
        self.assertEqual(hello["cwd"], self.project)
        self.assertEqual(hello["exe"], sys.executable)
        end = run.of("end")[0]
        self.assertEqual(end["how"], "atexit")
        self.assertIn(["__main__", os.path.join(self.project, "main.py")], end["modules"])
        self.assertTrue(any("libc" in path for path in end["maps"]))
        self.assertEqual(run.of("read"), [])
        self.no_faults(run)

    def test_without_the_variable_nothing_happens(self):
        self.write("main.py", "import sys; print([m for m in sys.modules if 'reprise' in m], sys.stdout.isatty())")
        env = {"PYTHONPATH": SITE}
        self.assertIn("[]", self.run_python("main.py", REPRISE_EVENTS="", **env).out)

    def test_output_is_that_of_the_bare_program(self):
        text = "import sys; print('out'); sys.stderr.write('err'); sys.exit(3)"
        bare = self.run_text(text, root=None, code=3)
        with_agent = self.run_text(text, code=3)
        self.assertEqual((bare.out, bare.err), (with_agent.out, with_agent.err))

    def test_other_ways_to_start(self):
        self.write("package/__init__.py")
        self.write("package/__main__.py", "import time; time.time()")
        run = self.run_python("-m", "package")
        self.assertEqual(run.of("val")[0]["f"], "package/__main__.py")
        run = self.run_python("-c", "import time; time.time()")
        self.assertEqual(run.of("val")[0]["f"], "<string>")
        run = self.run_python("-", stdin="import time; time.time()\n")
        self.assertEqual(run.of("val")[0]["f"], "<stdin>")
        outside = os.path.join(self.root, "console-script")
        with open(outside, "w") as file:
            file.write("import time; time.time()\n")
        self.assertEqual(self.run_python(outside).of("val")[0]["f"], outside)

    def test_what_only_some_replays_load_changes_no_order_of_a_set(self):
        """CPython up to 3.11 builds a constant set once more when it knows one of its strings: equal slots change places."""
        words = set()
        for name in os.listdir(os.path.join(SOURCE, "reprise_agent")):
            if name.endswith(".py"):
                with open(os.path.join(SOURCE, "reprise_agent", name)) as file:
                    words.update(re.findall(r"[a-z_]{3,}", file.read()))
        words = sorted(words)
        lines = ["print([a for a in {%r, %r}])" % pair for pair in zip(words, words[1:])]
        self.write("main.py", "\n".join(lines) + "\n")
        hold = os.path.join(self.root, "hold")
        with open(hold, "w") as file:
            file.write(json.dumps({"e": "val", "f": "main.py", "l": 1, "name": "time.time", "n": 1, "v": "1.0"}) + "\n")
        for name in ("states", "trace"):
            os.mkdir(os.path.join(self.root, name))
        self.write("spawned.py", SPAWNED % "\n    ".join(lines))
        self.write("site/sitecustomize.py", "import random")
        path = os.pathsep.join([SITE, os.path.join(self.project, "site")])
        ways = [["main.py"], ["spawned.py", "spawn"], ["spawned.py", "forkserver"], ["-c", "\n".join(lines[:500])]]
        if sys.version_info >= (3, 11):
            ways += [["-m", "main"], ["-c", "import main"]]
        # Once for the cache: the very first run of an agent that was just installed compiles it.
        modes = (
            {"REPRISE_CHECKPOINTS": "1"}, {"REPRISE_CHECKPOINTS": "*.abc"}, {"REPRISE_POLICY": "warn:threads"},
            {"REPRISE_TRACE": os.path.join(self.root, "trace")}, {"REPRISE_LOCATE": "1"}, {"REPRISE_HOLD": hold},
            {"REPRISE_SERIAL": "threads"}, {"REPRISE_PUT": os.path.join(self.root, "states")}, {"REPRISE_STEPS": "all"},
        )  # fmt: skip
        for mode in modes:
            self.run_text("", PYTHONPATH=path, **mode)
        self.write("main.py", "\n".join(lines) + "\n")
        for how in ways:
            plain = self.run_python(*how, PYTHONPATH=path)
            for mode in modes[::3] if how[0] == "spawned.py" else modes:
                run = self.run_python(*how, PYTHONPATH=path, **mode)
                self.assertEqual(run.out, plain.out, (how[:2], mode))
                self.no_faults(run)

    @unittest.skipIf(sys.version_info < (3, 11), "the cache has the order of the process that wrote it")
    def test_a_module_is_the_same_with_and_without_its_cache(self):
        words = ["%s%d" % (word, n) for n in range(200) for word in ("right", "left")]
        lines = ["print([a for a in {%r, %r}])" % pair for pair in zip(words[::2], words[1::2])]
        self.write("module.py", "\n".join(lines) + "\n")
        self.write("main.py", "import module")
        first = self.run_python("main.py").out
        self.assertEqual(len(os.listdir(os.path.join(self.project, "__pycache__"))), 1)
        self.assertEqual(self.run_python("main.py").out, first)

    def test_what_does_not_compile_says_so_as_without_us(self):
        self.write("broken.py", "x = (\ny = 1 1\n")
        with open(os.path.join(self.project, "nul.py"), "wb") as file:
            file.write(b"x = 1\0")
        for module in ("broken", "nul"):
            self.write("main.py", "def f():\n    import %s\nf()\n" % module)
            bare, ours = (self.run_python("main.py", root=root, code=1) for root in (None, "root"))
            self.assertEqual(ours.err, bare.err)

    def test_code_that_pythons_own_modules_make_is_not_the_program(self):
        self.write("package/__init__.py")
        self.write("package/__main__.py", "import collections; print(collections.namedtuple('A', 'a')(1))")
        for how in (["-m", "package"], ["package"]):
            run = self.run_python("-X", "frozen_modules=off", *how, REPRISE_LOCATE="1", REPRISE_CHECKPOINTS="*.abc")
            self.assertEqual(run.out, "A(a=1)\n")
            self.no_faults(run)

    def test_modules_of_the_program_are_not_taken_for_pythons(self):
        for name in ("linecache", "json", "fnmatch", "heavy"):
            self.write(name + ".py", "print('the program\'s own', __name__)")
        run = self.run_text("print('main')", REPRISE_LOCATE="1", REPRISE_CHECKPOINTS="*.abc")
        self.assertEqual(run.out, "main\n")
        self.no_faults(run)

    def test_files_of_environments_are_not_the_users(self):
        self.write(".venv/pyvenv.cfg")
        self.write(".venv/lib/thing.py", "import time; time.time()")
        self.write("site-packages/other.py", "import time; time.time()")
        run = self.run_text(
            "import sys; sys.path[:0] = ['.venv/lib', 'site-packages']\nimport thing, other, time; time.time()"
        )
        self.assertEqual([one["f"] for one in run.of("val")], ["main.py"])

    def test_a_shadowed_sitecustomize_runs_once(self):
        self.write("site/sitecustomize.py", "import sys; print('theirs', __name__, __file__); sys.chained = 1")
        path = os.pathsep.join([SITE, os.path.join(self.project, "site")])
        run = self.run_text("import sys, sitecustomize; print(sys.chained, sitecustomize.__file__)", PYTHONPATH=path)
        theirs = os.path.join(self.project, "site", "sitecustomize.py")
        self.assertEqual(run.out, "theirs sitecustomize %s\n1 %s\n" % (theirs, theirs))

    def test_isolated_interpreters_stay_bare(self):
        run = self.run_python("-I", "-c", "print(1)")
        self.assertEqual((run.out, run.events), ("1\n", []))

    def test_package_tools_are_left_alone(self):
        self.write("pip/__init__.py")
        self.write("pip/__main__.py", "print('pip')")
        run = self.run_python("-m", "pip", "list")
        self.assertEqual((run.out, run.events), ("pip\n", []))

    def test_survives_what_programs_do_to_their_process(self):
        run = self.run_text(
            """
            import os, random
            os.makedirs("elsewhere"); os.chdir("elsewhere")
            os.closerange(3, 1024)
            theirs = os.open("mine.txt", os.O_CREAT | os.O_WRONLY)
            os.dup2(theirs, 973)  # the very number that the agent uses
            saved = dict(os.environ); os.environ.clear()
            open("data.txt", "w").close()
            open("data.txt").read()
            random.Random()
            assert os.path.getsize("mine.txt") == 0
            """
        )
        self.assertTrue(run.of("read", p=os.path.join(self.project, "elsewhere", "data.txt")))
        self.assertTrue(run.of("gen"))
        self.assertEqual(len(run.of("end")), 1)

    def test_the_end_comes_through_exit_and_not_through_a_signal(self):
        run = self.run_text("import os; os._exit(7)", code=7)
        self.assertEqual(run.of("end")[0]["how"], "os._exit")
        run = self.run_text("import os, signal; open('main.py'); os.kill(os.getpid(), signal.SIGTERM)", code=-15)
        self.assertEqual(run.of("end"), [])
        self.assertEqual(len(run.of("hello")), 1)
        bare = self.run_text("raise ValueError('theirs')", root=None, code=1)
        run = self.run_text("raise ValueError('theirs')", code=1)
        self.assertEqual(run.err, bare.err)
        self.assertEqual(len(run.of("end")), 1)

    def test_an_events_folder_that_cannot_be_written_changes_nothing(self):
        run = self.run_text("import random; print(random.random())", REPRISE_EVENTS="/nonexistent/events")
        self.assertEqual((run.code, run.err), (0, ""))

    def test_moved_paths_of_a_replay(self):
        run = self.run_text(
            "import sys; print([p for p in sys.path if 'recorded' in p or 'replayed' in p])",
            PYTHONPATH=SITE + os.pathsep + "/recorded/src", REPRISE_REMAP="/recorded=>/replayed",
        )  # fmt: skip
        self.assertEqual(run.out, "['/replayed/src']\n")


if __name__ == "__main__":
    unittest.main()
