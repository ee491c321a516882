"""Keys of processes: the same in every replay, one for each; and what children draw."""
import subprocess
import sys
import unittest

from harness import AgentTest

WORKERS = """
import multiprocessing, random, sys, time
def work(name):
    time.time()
    print(name, random.random(), random.Random().random(), flush=True)
if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    for name in "ab":
        child = context.Process(target=work, args=(name,))
        child.start(); child.join()
    print(random.random())
"""


class Processes(AgentTest):
    def keys(self, run):
        return [one["proc"] for one in run.events if one["e"] in ("hello", "fork")]

    def test_workers_of_multiprocessing(self):
        expected = {
            "fork": {"0", "0/fork0", "0/fork1"},
            "spawn": {"0", "0/SpawnProcess-1", "0/SpawnProcess-2"},
            "forkserver": {"0", "0/forkserver", "0/ForkServerProcess-1", "0/ForkServerProcess-2"},
        }
        for method, keys in expected.items():
            self.write("main.py", WORKERS)
            first, again, other = (self.run_python("main.py", method, root=root) for root in ("a", "a", "b"))
            self.assertEqual(set(self.keys(first)), keys, method)
            self.assertEqual(len(self.keys(first)), len(keys))
            self.assertEqual(first.out, again.out)
            self.assertFalse({word for word in first.out.split() if "." in word} & set(other.out.split()))
            self.assertEqual(len({word for word in first.out.split() if "." in word}), 5)
            self.no_faults(first)
            for key in keys - {"0", "0/forkserver"}:
                self.assertEqual(len(first.of("end", proc=key)), 1, key)
                self.assertEqual([one["n"] for one in first.of("val", proc=key)], [0])

    def test_other_pythons(self):
        self.write("other.py", "import random; print(random.random())")
        run = self.run_text(
            """
            import subprocess, sys, os, tempfile
            for _ in range(2): subprocess.check_call([sys.executable, "-c", "import random; print(random.random())"])
            subprocess.check_call([sys.executable, os.path.join(os.getcwd(), "other.py"), tempfile.mkdtemp()])
            """
        )
        keys = self.keys(run)
        self.assertEqual(len(set(keys)), 4)
        self.assertEqual(len(set(run.out.split())), 3)
        again = self.run_python("main.py")
        self.assertEqual((sorted(keys), run.out), (sorted(self.keys(again)), again.out))

    def test_several_pythons_under_a_shell(self):
        env = self.environment("root", {})
        self.write("main.py", "import random; print(random.random())")
        command = "{0} main.py; {0} main.py; {0} main.py x".format(sys.executable)
        out = subprocess.check_output(["sh", "-c", command], env=env, cwd=self.project).split()
        self.assertEqual(len(set(out)), 3)
        keys = {one["proc"] for one in self.read_events()}
        self.assertEqual(len(keys), 3)
        self.assertIn("0", keys)

    def test_ranks(self):
        run = self.run_text(
            """
            import os, subprocess, sys
            for rank in "01":
                subprocess.check_call([sys.executable, "-c", "import random; print(random.random())"], env=dict(os.environ, RANK=rank))
            """
        )
        self.assertEqual(set(self.keys(run)), {"0", "0/rank0", "0/rank1"})

    def test_pools_and_threads_that_fork(self):
        run = self.run_text(
            """
            import os, threading
            def go():
                pid = os.fork()
                if pid == 0: os._exit(0)
                os.waitpid(pid, 0)
            threads = [threading.Thread(target=go) for _ in range(4)]
            [t.start() for t in threads]; [t.join() for t in threads]
            from concurrent.futures import ProcessPoolExecutor
            if __name__ == "__main__":
                with ProcessPoolExecutor(2) as pool: print(list(pool.map(abs, [-1, 2])))
            """
        )
        self.no_faults(run)
        self.assertEqual(run.out, "[1, 2]\n")
        self.assertEqual(len(set(self.keys(run))), len(self.keys(run)))

if __name__ == "__main__":
    unittest.main()
