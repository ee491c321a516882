"""Runs a program under the agent in a folder of its own and gives back what it said and what was recorded."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.join(os.path.dirname(HERE), "src")
SITE = os.path.join(SOURCE, "site")


class Run:
    def __init__(self, code, out, err, events):
        self.code, self.out, self.err, self.events = code, out, err, events

    def of(self, kind, **fields):
        return [one for one in self.events if one["e"] == kind and all(one.get(k) == v for k, v in fields.items())]


def has(*modules):
    """Whether this Python can import them; asked of a fresh one, so that nothing is imported here."""
    code = "import importlib.util as u, sys; sys.exit(any(u.find_spec(n) is None for n in sys.argv[1:]))"
    return subprocess.call([sys.executable, "-c", code] + list(modules)) == 0


class AgentTest(unittest.TestCase):
    def setUp(self):
        self.root = os.path.realpath(tempfile.mkdtemp(prefix="reprise-agent-"))
        self.project = os.path.join(self.root, "project")
        os.mkdir(self.project)
        self.runs = 0

    def tearDown(self):
        shutil.rmtree(self.root, ignore_errors=True)

    def write(self, name, text=""):
        path = os.path.join(self.project, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(textwrap.dedent(text))
        return path

    def environment(self, root, extra):
        env = {key: value for key, value in os.environ.items() if not key.startswith(("REPRISE_", "PYTHON"))}
        env["PYTHONHASHSEED"] = "0"
        if root is None:
            return env
        self.runs += 1
        self.events = os.path.join(self.root, "events-%d" % self.runs)
        os.mkdir(self.events)
        env.update(PYTHONPATH=SITE, REPRISE_EVENTS=self.events, REPRISE_PROJECT=self.project, REPRISE_ROOT=root)
        env.update(extra)
        return env

    def read_events(self):
        """All lines of the run; each gets `proc`, the key of the process that wrote it."""
        found = []
        for name in sorted(os.listdir(self.events)):
            if not name.endswith(".jsonl"):
                continue
            with open(os.path.join(self.events, name)) as file:
                lines = [json.loads(line) for line in file]
            self.assertIn(lines[0]["e"], ("hello", "fork"))
            found += [dict(line, proc=lines[0]["proc"]) for line in lines]
        return found

    def run_python(self, *words, root="root", code=0, python=(), stdin=None, **extra):
        """root None: without the agent; "" : with it, seed off."""
        env = self.environment(root, {key: str(value) for key, value in extra.items()})
        child = subprocess.Popen(
            [sys.executable] + list(python) + list(words), cwd=self.project, env=env,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True,
        )  # fmt: skip
        out, err = child.communicate(stdin or "", timeout=300)
        run = Run(child.returncode, out, err, self.read_events() if root is not None else [])
        if code is not None:
            self.assertEqual(child.returncode, code, err)
        return run

    def run_text(self, text, **options):
        self.write("main.py", text)
        return self.run_python("main.py", **options)

    def no_faults(self, run):
        self.assertEqual(run.of("fault"), [])
