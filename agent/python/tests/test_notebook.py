"""Cells of a notebook, as a shell of IPython runs them."""
import hashlib
import os
import unittest

from harness import AgentTest, has
from traces import Trace

SHELL = """
    import random
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    for _ in range(%d): random.random()
    for text in ("a = 1", "import random\\nx = 1\\nfirst = random.random()", "second = random.random()", "1 / 0"):
        shell.run_cell(text, store_history=True)
    print("first=%%r second=%%r" %% (shell.user_ns["first"], shell.user_ns["second"]))
"""


@unittest.skipUnless(has("IPython"), "needs IPython")
class Notebook(AgentTest):
    def shell(self, draws, **extra):
        self.write("main.py", SHELL % draws)
        run = self.run_python("main.py", IPYTHONDIR=self.root, **extra)
        self.assertEqual(run.of("fault"), [], run.err)
        return run

    def test_a_cell_is_told_with_its_text_also_one_that_fails(self):
        run = self.shell(0)
        texts = ("a = 1", "import random\nx = 1\nfirst = random.random()", "second = random.random()", "1 / 0")
        told = [(one["n"], one["code"]) for one in run.of("cell")]
        self.assertEqual(told, [(n + 1, hashlib.sha256(text.encode()).hexdigest()) for n, text in enumerate(texts)])

    def test_a_draw_is_of_the_first_cell_that_made_one(self):
        drawn = [(one["name"], one["f"], one["l"]) for one in self.shell(0).of("drawn")]
        self.assertEqual(drawn, [("random", "<cell 2>", 3)])

    def test_what_was_drawn_before_the_first_cell_moves_nothing(self):
        lines = [self.shell(draws).out.strip().split("\n")[-1] for draws in (0, 1, 7)]
        self.assertEqual(len(set(lines)), 1, lines)

    def test_cells_are_as_they_are_without_us(self):
        self.write("main.py", SHELL.replace("random.random()", "random.Random(5).random()") % 3)
        runs = [self.run_python("main.py", root=root, IPYTHONDIR=self.root) for root in (None, "root")]
        self.assertEqual(runs[0].out, runs[1].out)

    def test_the_trace_of_a_cell_is_there_when_the_kernel_is_killed(self):
        folder = os.path.join(self.root, "trace")
        os.mkdir(folder)
        self.write(
            "main.py",
            """
            import os, signal
            from IPython.core.interactiveshell import InteractiveShell

            InteractiveShell.instance().run_cell("rate = 0.9\\nrate = rate * 2", store_history=True)
            os.kill(os.getpid(), signal.SIGKILL)
            """,
        )
        self.run_python("main.py", code=-9, REPRISE_TRACE=folder, IPYTHONDIR=self.root)
        found = [one.at(2) for one in (Trace(os.path.join(folder, name)) for name in os.listdir(folder))]
        self.assertTrue(any(":rate" in changes for changes in found), found)


if __name__ == "__main__":
    unittest.main()
