import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type ClassifyPlaces, classifyPath, diffTrees, isEnvironmentDir, scanTree } from "#capture";
import { removeTemporaryFolders, temporaryFolder, write } from "./repository.ts";

afterAll(removeTemporaryFolders);

describe("a scan", () => {
  test("sees files and links, and passes over what is neither code nor result", () => {
    const root = temporaryFolder();
    write(root, {
      "a.txt": "1",
      "out/deep/model.pt": "2",
      "nested/.git/HEAD": "x",
      "nested/data.csv": "3",
      ".git/HEAD": "x",
      ".reprise/store": "x",
      "node_modules/a/index.js": "x",
      "src/__pycache__/a.cpython-311.pyc": "x",
      "src/.ipynb_checkpoints/a.ipynb": "x",
      ".venv/pyvenv.cfg": "x",
      "conda/conda-meta/history": "x",
      "pkg.egg-info/PKG-INFO": "x",
      ".cache/huggingface/hub/x": "x",
      ".cache/own.txt": "4",
      "skip/me.txt": "x",
    });
    mkdirSync(join(root, "empty"));
    symlinkSync("/etc", join(root, "link"));
    const scan = scanTree(root, { skip: new Set(["skip"]) });
    expect([...scan.files.keys()].sort()).toEqual([
      ".cache/own.txt",
      "a.txt",
      "link",
      "nested/data.csv",
      "out/deep/model.pt",
    ]);
    expect([...scan.folders].sort()).toEqual([".cache", "empty", "nested", "out", "out/deep", "src"]);
    expect(scan.left).toEqual([]);
    expect(isEnvironmentDir(join(root, ".venv"))).toBe(true);
    expect(isEnvironmentDir(join(root, "conda"))).toBe(true);
    expect(isEnvironmentDir(join(root, "out"))).toBe(false);
  });

  test("stops at its budget and says so", () => {
    const root = temporaryFolder();
    for (let i = 0; i < 5; i++) write(root, { [`d${i}/a`]: "", [`d${i}/b`]: "" });
    const scan = scanTree(root, { mostEntries: 8 });
    expect(scan.files.size).toBeLessThan(10);
    expect(scan.left.map(({ reason }) => reason)).toContain("more than 8 entries");
    expect(scanTree(join(root, "absent")).left).toEqual([{ path: ".", reason: "not readable" }]);
  });

  test("two scans tell what came, changed and went", () => {
    const root = temporaryFolder();
    write(root, { same: "1", grown: "1", rewritten: "1", replaced: "1", removed: "1" });
    const before = scanTree(root);
    // Until the clock of the file system has moved on: old kernels stamp changes to some milliseconds.
    const probe = join(temporaryFolder(), "probe");
    const last = Math.max(...[...before.files.values()].map(({ ctimeMs }) => ctimeMs));
    do writeFileSync(probe, "");
    while (statSync(probe).ctimeMs <= last);
    appendFileSync(join(root, "grown"), "2");
    writeFileSync(join(root, "rewritten"), "2");
    // Old times do not hide a change.
    utimesSync(join(root, "rewritten"), 1000, (before.files.get("rewritten")?.mtimeMs ?? 0) / 1000);
    writeFileSync(join(root, "new"), "1");
    renameSync(join(root, "new"), join(root, "replaced"));
    rmSync(join(root, "removed"));
    write(root, { "deep/created": "1" });
    expect(diffTrees(before, scanTree(root))).toEqual({
      created: ["deep/created"],
      changed: ["grown", "replaced", "rewritten"],
      removed: ["removed"],
    });
    expect(diffTrees(before, before)).toEqual({ created: [], changed: [], removed: [] });
  });
});

describe("what a path is", () => {
  const places: ClassifyPlaces = {
    project: "/home/ann/proj",
    prefixes: ["/home/ann/proj/.venv", "/usr"],
    home: "/home/ann",
    temporary: "/tmp",
    store: "/home/ann/proj/.reprise",
  };
  test.each([
    ["/home/ann/proj/train.py", "project-code"],
    ["/home/ann/proj/data/x.csv", "project"],
    ["/home/ann/proj/config.yaml", "project"],
    ["/home/ann/proj/ext/fast.so", "project"],
    ["/home/ann/proj/.reprise/objects/ab", "ignored"],
    ["/home/ann/proj/.git/index", "ignored"],
    ["/home/ann/proj/src/__pycache__/a.pyc", "ignored"],
    ["/home/ann/proj/.venv/lib/python3.11/site-packages/numpy/x.so", "library"],
    ["/home/ann/proj/.venv/pyvenv.cfg", "library"],
    ["/home/ann/proj/node_modules/a/index.js", "library"],
    ["/home/ann/proj/pkg.egg-info/PKG-INFO", "library"],
    ["/home/ann/proj/.cache/matplotlib/fontlist.json", "cache"],
    ["/home/ann/proj/cache/models--bert/snapshots/1/model.bin", "project"],
    ["/usr/lib/python3.11/json/decoder.py", "library"],
    ["/usr/lib/python3/dist-packages/six.py", "library"],
    ["/usr/lib/x86_64-linux-gnu/libc.so.6", "system"],
    ["/usr/share/zoneinfo/Europe/Berlin", "system"],
    ["/usr/share/fonts/truetype/x.ttf", "system"],
    ["/usr/share/nltk_data/corpora/x", "elsewhere"],
    ["/etc/localtime", "system"],
    ["/etc/ssl/certs/ca.pem", "system"],
    ["/proc/meminfo", "ignored"],
    ["/dev/shm/psm_1", "temporary"],
    ["/home/ann/.pyenv/versions/3.11.7/lib/libpython3.11.so", "library"],
    ["/home/ann/.local/lib/python3.11/site-packages/x.py", "library"],
    ["/home/ann/.cache/matplotlib/fontlist.json", "cache"],
    ["/home/ann/.cache/torch_extensions/x.so", "cache"],
    ["/home/ann/.config/matplotlib/matplotlibrc", "cache"],
    ["/home/ann/.cache/huggingface/hub/models--x/blobs/abc", "home"],
    ["/home/ann/.cache/huggingface/hub/models--x/refs/main", "cache"],
    ["/home/ann/.cache/huggingface/hub/.locks/models--x/abc.lock", "cache"],
    ["/home/ann/.cache/huggingface/datasets/x/train.arrow", "home"],
    ["/home/ann/.cache/torch/hub/checkpoints/resnet.pth", "home"],
    ["/home/ann/.keras/datasets/mnist.npz", "home"],
    ["/home/ann/.keras/keras.json", "cache"],
    ["/home/ann/nltk_data/corpora/stopwords.zip", "home"],
    ["/home/ann/scikit_learn_data/x.pkz", "home"],
    ["/home/ann/.netrc", "ignored"],
    ["/home/ann/datasets/cifar/batch_1", "home"],
    ["/tmp/scratch/part.bin", "temporary"],
    ["/tmp/torchinductor_ann/ab/x.so", "cache"],
    ["/mnt/data/train.parquet", "elsewhere"],
    ["/opt/ml/input/data/train.csv", "elsewhere"],
    ["/opt/conda/lib/libmkl_rt.so", "system"],
  ])("%s: %s", (path, expected) => {
    expect(classifyPath(path, places)).toBe(expected);
  });

  test("a project may lie in the temporary folder or under /usr, as in images", () => {
    const at = (project: string): ClassifyPlaces => ({
      project,
      prefixes: ["/usr/local"],
      home: "/root",
      temporary: "/tmp",
    });
    expect(classifyPath("/tmp/p/x.csv", at("/tmp/p"))).toBe("project");
    expect(classifyPath("/usr/src/app/x.csv", at("/usr/src/app"))).toBe("project");
    expect(classifyPath("/usr/src/app/x.py", at("/usr/src/app"))).toBe("project-code");
  });
});
