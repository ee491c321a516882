"""One worker, whatever the program asks for: only when it is asked for."""
import glob
import json
import os

from harness import SOURCE, AgentTest, has

POOLS = """
    import json, threading, time
    from concurrent.futures import ThreadPoolExecutor
    from multiprocessing.pool import ThreadPool

    def who(_):
        time.sleep(0.01)
        return threading.get_ident()

    with ThreadPoolExecutor(4) as pool:
        first = len(set(pool.map(who, range(8))))
    with ThreadPoolExecutor(max_workers=4) as pool:
        second = len(set(pool.map(who, range(8))))
    with ThreadPool(4) as pool:
        third = len(set(pool.map(who, range(8), 1)))
    print(json.dumps([first, second, third]))
"""


class Serial(AgentTest):
    def workers(self, **extra):
        self.write("main.py", POOLS)
        run = self.run_python("main.py", **extra)
        self.assertEqual((run.code, run.of("fault")), (0, []), run.err)
        return json.loads(run.out)

    def test_pools_are_as_the_program_made_them(self):
        self.assertTrue(all(count > 1 for count in self.workers()))

    def test_pools_have_one_worker(self):
        self.assertEqual(self.workers(REPRISE_SERIAL="workers"), [1, 1, 1])

    def test_tells_where_more_than_one_was_asked_for(self):
        self.write("main.py", POOLS + "    with ThreadPoolExecutor(1) as pool: pool.submit(who, 1)\n")
        for _ in range(2):
            run = self.run_python("main.py", REPRISE_SERIAL="workers")
            told = [(one["name"], one["f"], one["l"]) for one in run.of("serial")]
            self.assertEqual(told, [("ThreadPoolExecutor", "main.py", n) for n in (10, 12)] + [("Pool", "main.py", 14)])
        self.assertEqual(self.run_python("main.py").of("serial"), [])

    def test_threads_of_the_program_run_one_after_the_other_and_none_is_waited_for_in_vain(self):
        self.write(
            "main.py",
            """
            import queue, threading, time

            order, asked = [], queue.Queue()

            def work(index):
                time.sleep(0.05 * (3 - index))
                order.append(index)

            def serve():
                for _ in range(2):
                    order.append(asked.get())

            server = threading.Thread(target=serve)
            server.start()
            threads = [threading.Thread(target=work, args=(index,)) for index in range(3)]
            for thread in threads:
                thread.start()
            for name in "ab":
                asked.put(name)
            for thread in threads + [server]:
                thread.join()
            print(order)
            """,
        )
        run = self.run_python("main.py", REPRISE_SERIAL="threads")
        self.assertEqual((run.out, run.of("fault")), ("[0, 1, 2, 'a', 'b']\n", []))

    def test_leaves_no_byte_code_that_would_move_addresses_in_the_next_replay(self):
        pattern = os.path.join(glob.escape(SOURCE), "reprise_agent", "__pycache__", "serial.*.pyc")
        for path in glob.glob(pattern):
            os.remove(path)
        self.workers(REPRISE_SERIAL="workers")
        self.assertEqual(glob.glob(pattern), [])

    def test_a_loader_works_in_the_process_itself(self):
        if not has("torch"):
            self.skipTest("no torch here")
        self.write(
            "main.py",
            """
            import torch
            from torch.utils.data import DataLoader, get_worker_info

            class Data(torch.utils.data.Dataset):
                def __len__(self): return 4
                def __getitem__(self, i): return int(get_worker_info() is None)

            print([int(b.sum()) for b in DataLoader(Data(), 2, num_workers=2, persistent_workers=True, prefetch_factor=2)])
            torch.set_num_threads(3)
            print(torch.get_num_threads())
            """,
        )
        self.assertEqual(self.run_python("main.py", REPRISE_SERIAL="workers threads").out.split("\n")[:2], ["[2, 2]", "1"])
        self.assertEqual(self.run_python("main.py").out.split("\n")[:2], ["[0, 0]", "3"])
