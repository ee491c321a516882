import { chmodSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import {
  detectManager,
  findLockFiles,
  findProgram,
  queryGpus,
  readHardware,
  readLibraries,
  readPackages,
} from "#capture";
import { digestOf, isUnknown, type PackageFact } from "#record";
import { removeTemporaryFolders, temporaryFolder, write } from "./repository.ts";

afterAll(removeTemporaryFolders);

const SITE = "lib/python3.11/site-packages";

function metadata(name: string, version: string): string {
  return `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n\n${"A long description. ".repeat(500)}`;
}

function packages(
  path: readonly string[],
  imported: readonly (readonly [string, string])[],
): Record<string, PackageFact> {
  const found = readPackages(path, imported);
  if (isUnknown(found)) throw new Error(found.unknown);
  return Object.fromEntries(found.map((item) => [item.name, item]));
}

describe("packages", () => {
  test("version, origin and use of every kind of installation", () => {
    const prefix = temporaryFolder();
    const source = temporaryFolder();
    const site = join(prefix, SITE);
    write(source, {
      "mylib/__init__.py": "x = 1\n",
      "old.egg-info/PKG-INFO": metadata("oldlib", "0.9"),
      "oldlib.py": "",
    });
    const hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    write(site, {
      "numpy-2.1.0.dist-info/METADATA": metadata("numpy", "2.1.0"),
      "numpy-2.1.0.dist-info/INSTALLER": "pip\n",
      "numpy-2.1.0.dist-info/RECORD": "numpy/__init__.py,sha256=x,1\n",
      "PyYAML-6.0.dist-info/METADATA": metadata("PyYAML", "6.0"),
      "PyYAML-6.0.dist-info/INSTALLER": "uv",
      "PyYAML-6.0.dist-info/top_level.txt": "_yaml\nyaml\n",
      "scikit_learn-1.5.dist-info/METADATA": metadata("scikit-learn", "1.5"),
      "scikit_learn-1.5.dist-info/INSTALLER": "pip",
      "scikit_learn-1.5.dist-info/RECORD": "sklearn/__init__.py,sha256=x,1\n",
      "unused-1.0.dist-info/METADATA": metadata("unused", "1.0"),
      "mylib-0.1.dist-info/METADATA": metadata("mylib", "0.1"),
      "mylib-0.1.dist-info/top_level.txt": "mylib\n",
      "mylib-0.1.dist-info/direct_url.json": JSON.stringify({ url: `file://${source}`, dir_info: { editable: true } }),
      "fromgit-1.0.dist-info/METADATA": metadata("fromgit", "1.0"),
      "fromgit-1.0.dist-info/direct_url.json": JSON.stringify({
        url: "https://bob:hunter22@example.org/x.git",
        vcs_info: { vcs: "git", commit_id: "abc123" },
      }),
      "wheel_file-1.0.dist-info/METADATA": metadata("wheel-file", "1.0"),
      "wheel_file-1.0.dist-info/direct_url.json": JSON.stringify({
        url: "file:///w.whl",
        archive_info: { hashes: { sha256: hash } },
      }),
      "oldlib.egg-link": `${source}\n.\n`,
      "broken-1.0.dist-info/direct_url.json": "{",
      "google_a-1.dist-info/METADATA": metadata("google-a", "1"),
      "google_a-1.dist-info/top_level.txt": "google\n",
      "google_a-1.dist-info/RECORD": "google/a/__init__.py,,\n",
      "google_b-1.dist-info/METADATA": metadata("google-b", "1"),
      "google_b-1.dist-info/top_level.txt": "google\n",
      "google_b-1.dist-info/RECORD": "google/b/__init__.py,,\n",
    });
    write(prefix, {
      "conda-meta/mkl-2024.1-h1_0.json": JSON.stringify({
        arch: null,
        build: "h1_0",
        channel: "https://conda.example.org/main",
        files: [],
      }),
      "conda-meta/history": "",
    });
    const found = packages(
      ["", "/nowhere", site],
      [
        ["numpy", join(site, "numpy/__init__.py")],
        ["yaml.loader", join(site, "yaml/loader.py")],
        ["sklearn", join(site, "sklearn/__init__.py")],
        ["mylib", join(source, "mylib/__init__.py")],
        ["google.b", join(site, "google/b/__init__.py")],
        ["unused", "/project/unused.py"],
        ["json", "/usr/lib/python3.11/json/__init__.py"],
      ],
    );
    expect(found["numpy"]).toEqual({
      name: "numpy",
      version: "2.1.0",
      origin: { kind: "registry", installer: "pip" },
      imported: true,
    });
    expect(found["PyYAML"]).toMatchObject({
      version: "6.0",
      origin: { kind: "registry", installer: "uv" },
      imported: true,
    });
    expect(found["scikit-learn"]).toMatchObject({ imported: true });
    expect(found["unused"]).toMatchObject({ imported: false, origin: { kind: "unclear" } });
    expect(found["mylib"]).toMatchObject({
      imported: true,
      origin: { kind: "editable", path: source, digest: expect.stringMatching(/^sha256:/) as string },
    });
    expect(found["fromgit"]).toMatchObject({
      origin: { kind: "vcs", url: "git+https://example.org/x.git", commit: "abc123" },
    });
    expect(found["wheel-file"]).toMatchObject({ origin: { kind: "file", digest: `sha256:${hash}` } });
    expect(found["oldlib"]).toMatchObject({
      version: "0.9",
      origin: { kind: "editable", digest: { unknown: "not imported" } },
    });
    expect(found["mkl"]).toMatchObject({
      version: "2024.1",
      origin: { kind: "conda", channel: "https://conda.example.org/main" },
    });
    expect([found["google-a"]?.imported, found["google-b"]?.imported]).toEqual([false, true]);
    expect(Object.keys(found)).toHaveLength(12);
  });

  test("the manager is known by its traces", () => {
    const project = temporaryFolder();
    write(project, {
      "plain/pyvenv.cfg": "home = /usr\n",
      "uv/pyvenv.cfg": "home = /usr\nuv = 0.4.0\n",
      "conda/conda-meta/history": "",
    });
    expect(detectManager(join(project, "plain"), project)).toBe("venv");
    expect(detectManager(join(project, "uv"), project)).toBe("uv");
    expect(detectManager(join(project, "conda"), project)).toBe("conda");
    expect(detectManager("/home/ann/.pyenv/versions/3.12.1", project)).toBe("pyenv");
    expect(detectManager("/usr", project)).toBe("system");
    write(project, { "poetry.lock": "" });
    expect(detectManager(join(project, "plain"), project)).toBe("poetry");
  });

  test("lock files and libraries", () => {
    const project = temporaryFolder();
    write(project, {
      "uv.lock": "x",
      "requirements-dev.txt": "y",
      "environment.yml": "z",
      "notes.txt": "n",
      "requirements/base.in": "b",
    });
    expect(findLockFiles(project)).toEqual([
      { path: "environment.yml", digest: digestOf("z") },
      { path: "requirements-dev.txt", digest: digestOf("y") },
      { path: "uv.lock", digest: digestOf("x") },
      { path: "requirements/base.in", digest: digestOf("b") },
    ]);
    const maps = [
      "/v/numpy.libs/libscipy_openblas64_-ff651d7f.so",
      "/v/torch/lib/libgomp-a34b3233.so.1",
      "/v/torch/lib/libtorch_cpu.so",
      "/opt/libmkl_rt.so.2",
      "/usr/lib/libcudnn.so.9",
      "/usr/lib/libc.so.6",
      "/data/x.npy",
      "/usr/lib/libc.so.6",
    ];
    const libraries = readLibraries(maps, () => digestOf("x"));
    expect(isUnknown(libraries) ? [] : libraries.map(({ path, role }) => `${path.split("/").at(-1)} ${role}`)).toEqual([
      "libmkl_rt.so.2 mkl",
      "libc.so.6 libc",
      "libcudnn.so.9 cudnn",
      "libscipy_openblas64_-ff651d7f.so openblas",
      "libgomp-a34b3233.so.1 openmp",
      "libtorch_cpu.so torch",
    ]);
  });
});

describe("hardware", () => {
  test("is read from the system's files", () => {
    const facts = readHardware({ LANG: "de_DE.UTF-8", TZ: "Asia/Tokyo" });
    expect(facts).toMatchObject({ locale: "de_DE.UTF-8", timeZone: "Asia/Tokyo" });
    expect(facts.cpu.usable).toBeGreaterThan(0);
    expect(facts.cpu.logical).toBeGreaterThanOrEqual(facts.cpu.usable);
    expect(facts.memoryBytes).toBeGreaterThan(1e8);
    if (process.platform === "linux") expect(facts.libc).toMatch(/^(glibc \d+\.\d+|musl)/);
    expect(readHardware({}).locale).toBe("C");
  });

  test("GPUs are asked of nvidia-smi, or the reason is said", async () => {
    const folder = temporaryFolder();
    const fake = (text: string): void => {
      write(folder, { "nvidia-smi": `#!/bin/sh\n${text}\n` });
      chmodSync(join(folder, "nvidia-smi"), 0o755);
    };
    const env = { PATH: `${folder}:/usr/bin:/bin` };
    fake("echo 'NVIDIA H200, 560.35, 143771, GPU-1'");
    expect(await queryGpus(5000, env)).toEqual([
      { name: "NVIDIA H200", driver: "560.35", memoryMiB: 143771, uuid: "GPU-1" },
    ]);
    fake("echo 'NVIDIA-SMI has failed'; exit 9");
    expect(await queryGpus(5000, env)).toEqual({ unknown: "nvidia-smi: NVIDIA-SMI has failed" });
    fake("exec sleep 20");
    expect(await queryGpus(100, env)).toEqual({ unknown: "nvidia-smi: timed out" });
    expect(findProgram("nvidia-smi", `.:${"relative"}::`)).toBeNull();
  });
});
