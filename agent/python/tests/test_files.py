"""What the program reads and writes, and the old content of what it is about to change."""
import os
import time
import unittest

from harness import AgentTest, has


class Files(AgentTest):
    def path(self, name):
        return os.path.join(self.project, name)

    def test_reads_once_each_by_absolute_path(self):
        self.write("a.txt")
        self.write("b.txt")
        self.write("data.py")
        self.write("mymodule.py")
        run = self.run_text(
            """
            import os, pathlib, mymodule
            open("a.txt"); open("./a.txt"); open(b"b.txt"); open(pathlib.Path("b.txt"))
            open("data.py"); file = open("a.txt"); open(file.fileno(), closefd=False)
            os.chdir("/"); open("/proc/self/status")
            try: open("missing")
            except OSError: pass
            """
        )
        seen = [one["p"] for one in run.of("read")]
        self.assertEqual(seen, [self.path("a.txt"), self.path("b.txt"), self.path("data.py"), "/missing"])
        self.assertIn(["mymodule", self.path("mymodule.py")], run.of("end")[0]["modules"])
        self.no_faults(run)

    def test_names_that_are_no_text(self):
        run = self.run_text("open(b'caf\\xe9.bin', 'wb'); open('\\u20ac \\U0001f600 \"q\".txt', 'w')")
        names = [os.path.basename(one["p"]) for one in run.of("write")]
        self.assertEqual(names, ["caf\udce9.bin", "\u20ac \U0001f600 \"q\".txt"])

    def kept(self, text, **options):
        keep = os.path.join(self.root, "keep")
        os.makedirs(keep, exist_ok=True)
        run = self.run_text(text, REPRISE_KEEP=keep, REPRISE_START=repr(time.time()), **options)
        self.no_faults(run)

        def content(event):
            with open(os.path.join(keep, event["kept"])) as file:
                return file.read()

        return run, content

    def test_old_content_is_kept_before_it_goes(self):
        for name in "abcdefg":
            self.write(name + ".txt", "old " + name)
        time.sleep(0.05)
        run, content = self.kept(
            """
            import os, shutil, sqlite3
            open("a.txt", "w").write("new"); open("a.txt", "a").write("more")
            open("b.txt", "r+").write("N")
            os.remove("c.txt")
            open("t.tmp", "w").write("new"); os.replace("t.tmp", "d.txt")
            os.truncate("e.txt", 0)
            os.rename("f.txt", "moved.txt")
            fd = os.open(".", os.O_RDONLY); os.unlink("g.txt", dir_fd=fd)
            os.makedirs(".git"); open(".git/x", "w"); open("fresh.txt", "w"); open("fresh.txt", "w")
            """
        )
        old = {}
        for one in run.of("write") + run.of("remove"):
            if "kept" in one:
                old[one["p"]] = content(one)
        old.update((one["to"], content(one)) for one in run.of("rename") if "kept" in one)
        self.assertEqual(old, {self.path(n + ".txt"): "old " + n for n in "abcdefg"})
        writes = {one["p"]: (one["m"], one["existed"]) for one in run.of("write")}
        self.assertEqual(writes[self.path("a.txt")], ("w", True))
        self.assertEqual(writes[self.path("b.txt")][1], True)
        self.assertEqual(writes[self.path("fresh.txt")], ("w", False))
        self.assertNotIn(self.path(".git/x"), [one["p"] for one in run.of("write") if "kept" in one])

    def test_torch_save(self):
        if not has("torch"):
            self.skipTest("torch is not installed for this Python")
        self.write("model.pt", "old")
        time.sleep(0.05)
        run, content = self.kept("import torch; torch.save({'a': torch.ones(2)}, 'model.pt'); assert torch.load('model.pt')['a'].sum() == 2")
        self.assertEqual([content(one) for one in run.of("write", p=self.path("model.pt"))], ["old"])

    def test_too_large_is_said_to_be_lost(self):
        self.write("big.txt", "x" * 1000)
        time.sleep(0.05)
        run, _ = self.kept("open('big.txt', 'w')", REPRISE_KEEP_MAX=999)
        self.assertIn("larger", run.of("write")[0]["lost"])

    def test_files_of_the_run_itself_are_not_kept(self):
        run, _ = self.kept("open('new.txt', 'w').write('1')\nimport os\nos.remove('new.txt')\nopen('new.txt', 'w')")
        self.assertFalse([one for one in run.events if "kept" in one])

    def test_a_database(self):
        try:
            import sqlite3  # noqa: F401
        except ImportError:
            self.skipTest("this Python has no sqlite3")
        run = self.run_text("import sqlite3; sqlite3.connect('x.db').execute('create table t (a)'); sqlite3.connect(':memory:')")
        self.assertEqual([(one["p"], one["m"]) for one in run.of("write")], [(self.path("x.db"), "sqlite")])

    def test_network_and_processes(self):
        run = self.run_text(
            """
            import socket, subprocess, os
            for _ in range(2):
                try: socket.create_connection(("127.0.0.1", 1), timeout=1)
                except OSError: pass
            subprocess.call(["true", "x"])
            os.system("true")
            """
        )
        self.assertEqual([(one["host"], one["f"], one["l"]) for one in run.of("net")], [("127.0.0.1", "main.py", 4)])
        self.assertEqual([(one["argv"], one["l"]) for one in run.of("spawn")], [(["true", "x"], 6), (["true"], 7)])

    def test_threads_write_whole_lines(self):
        run = self.run_text(
            """
            import threading, time
            def work(i):
                for j in range(200): open("f%d-%d" % (i, j), "w").close(); time.time()
            threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
            [t.start() for t in threads]; [t.join() for t in threads]
            """
        )
        self.assertEqual(len(run.of("write")), 1600)
        numbers = sorted(one["n"] for one in run.of("val"))
        self.assertEqual(numbers[:1000], list(range(1000)))
        self.assertEqual(run.of("val", count=1600)[0]["n"], 1599)


if __name__ == "__main__":
    unittest.main()
