import { expect, test } from "vitest";
import { why } from "#replay";
import { environment, gitProject, PYTHON } from "../../run/project.ts";

async function whyOf(source: string) {
  const project = gitProject({ "train.py": source });
  try {
    const baseline = await project.run([PYTHON, "train.py"]);
    return await why({ baseline, store: project.store, version: "test", env: environment(), budget: { replays: 40 } });
  } finally {
    project.remove();
  }
}

test("a run with no result is not one of which nothing parts", async () => {
  const found = await whyOf("x = 1\n");
  expect(found).toMatchObject({ parts: null, complete: false, causes: [] });
  expect(found.reason).toContain("nothing to compare");
  expect(found.replays).toBe(1);
});

test("what a verdict saw part is not said to be the same because it was not seen again", async () => {
  const project = gitProject({ "train.py": "print('loss=%.3f' % 0.5)\n" });
  const { store } = project;
  const baseline = await project.run([PYTHON, "train.py"]);
  store.runs.addFact(baseline.id, "verdict", { verdict: "differs" });
  const found = await why({ baseline, store, version: "test", env: environment(), budget: { replays: 40 } });
  expect(found).toMatchObject({ parts: null, complete: false, causes: [] });
  expect(found.reason).toContain("it shows rarely");
  project.remove();
});

test("a difference that cannot be looked into is no cause's doing", async () => {
  // Bytes that differ each time, of a format without a reader, of which only the digest is known.
  const found = await whyOf(
    "import os\nwith open('model.h5', 'wb') as f:\n    f.write(b'\\x89HDF\\r\\n\\x1a\\n\\x09' + os.urandom(16))\n",
  );
  expect(found).toMatchObject({ parts: null, complete: false, causes: [] });
  expect(found.reason).toContain("model.h5");
});

test("what parts is named where no cause is found, and that several processes wrote it", async () => {
  const found = await whyOf(`import multiprocessing, os, time
def work(name):
    for step in range(12):
        time.sleep(open("/dev/urandom", "rb").read(1)[0] / 12800)
        os.write(1, ("%s %d\\n" % (name, step)).encode())
if __name__ == "__main__":
    both = [multiprocessing.Process(target=work, args=(name,)) for name in "ab"]
    for one in both: one.start()
    for one in both: one.join()
`);
  expect(found).toMatchObject({ parts: true, complete: false, causes: [] });
  expect(found.reason).toMatch(/what parts: stdout \(line \d+.*\); there were 3 processes, and lines of several come/);
});

test("where no agent got in, it is said that nothing was held", async () => {
  const project = gitProject({ "train.py": "import random\nprint('loss=%.9f' % random.random())\n" });
  const baseline = await project.run([PYTHON, "-I", "train.py"]);
  const found = await why({
    baseline,
    store: project.store,
    version: "test",
    env: environment(),
    budget: { replays: 40 },
  });
  expect(found).toMatchObject({ parts: true, complete: false, causes: [] });
  expect(found.reason).toMatch(/nothing was held: the interpreter was started with -I/);
  project.remove();
});
