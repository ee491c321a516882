import { appendFileSync, chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { captureCode, createRedactor, requireClean, restoreCode } from "#capture";
import { isUnknown } from "#record";
import { git, memoryObjects, removeTemporaryFolders, repository, temporaryFolder, write } from "./repository.ts";

afterAll(removeTemporaryFolders);

/** A repository in which everything that git can be told to start leaves a mark when it is started. */
function hostile(): { root: string; marks: string } {
  const root = repository({ "train.py": "print(1)\n", "data.txt": "a\n", ".gitignore": "evil.sh\n" });
  const marks = join(temporaryFolder(), "started");
  const evil = join(root, "evil.sh");
  writeFileSync(evil, `#!/bin/sh\necho "$0 $*" >> ${marks}\ncat\n`);
  chmodSync(evil, 0o755);
  // A "git" beside the code must not be taken for git.
  writeFileSync(join(root, "git"), readFileSync(evil));
  chmodSync(join(root, "git"), 0o755);
  write(root, { ".gitattributes": "*.txt filter=evil diff=evil\n*.py filter=ev.il diff=evil merge=evil\n" });
  git(root, "add", ".gitattributes", "git");
  git(root, "commit", "-q", "-m", "attributes");
  writeFileSync(join(root, "more.cfg"), `[filter "included"]\n\tclean = ${evil}\n`);
  for (const hook of ["post-checkout", "post-index-change", "fsmonitor-watchman", "reference-transaction"]) {
    writeFileSync(join(root, ".git/hooks", hook), readFileSync(evil));
    chmodSync(join(root, ".git/hooks", hook), 0o755);
  }
  appendFileSync(
    join(root, ".git/config"),
    `[core]
	fsmonitor = ${evil}
	sshCommand = ${evil}
	pager = ${evil}
	askPass = ${evil}
	editor = ${evil}
	hooksPath = ${join(root, ".git/hooks")}
	alternateRefsCommand = ${evil}
[filter "evil"]
	clean = ${evil} clean
	smudge = ${evil} smudge
	process = ${evil} process
	required = true
[filter "ev.il"]
	clean = ${evil} clean2
[filter "included"]
	smudge = ${evil}
[include]
	path = ${join(root, "more.cfg")}
[diff]
	external = ${evil} external
[diff "evil"]
	textconv = ${evil} textconv
	command = ${evil} command
[merge "evil"]
	driver = ${evil} merge
[pager]
	diff = ${evil}
	status = ${evil}
[alias]
	status = !${evil}
[credential]
	helper = ${evil}
[gc]
	auto = 1
[uploadpack]
	packObjectsHook = ${evil}
[remote "origin"]
	url = ext::${evil}
	uploadpack = ${evil}
	promisor = true
	partialclonefilter = blob:none
[protocol]
	allow = always
[protocol "ext"]
	allow = always
`,
  );
  write(root, { "train.py": "print(2)\n", "data.txt": "b\n", "new.txt": "c\n" });
  return { root, marks };
}

test("nothing that the repository's configuration names is started", async () => {
  const { root, marks } = hostile();
  const objects = memoryObjects();
  const env = { ...process.env, PATH: `.::${process.env["PATH"]}` };
  const code = await captureCode(root, objects, createRedactor({ env: {} }), { env });
  if (isUnknown(code)) throw new Error(code.unknown);
  expect(code).toMatchObject({ kind: "git", dirty: true, diff: { bytes: expect.any(Number) as string } });
  await expect(requireClean(root, env)).rejects.toMatchObject({ code: "CODE_DIRTY" });
  const copy = join(temporaryFolder(), "copy");
  await restoreCode(code, root, objects, copy, { env });
  expect(readFileSync(join(copy, "train.py"), "utf8")).toBe("print(2)\n");
  expect(readFileSync(join(copy, "data.txt"), "utf8")).toBe("b\n");
  expect(readFileSync(join(copy, "new.txt"), "utf8")).toBe("c\n");
  expect(existsSync(marks) ? readFileSync(marks, "utf8") : "").toBe("");
  // The trap is a trap: git left to itself walks into it.
  expect(() => git(root, "diff")).toThrow("evil");
  expect(readFileSync(marks, "utf8")).toContain("evil.sh");
});

test("a repository that lacks objects does not fetch them, and its changed files are saved whole", async () => {
  const { root, marks } = hostile();
  const blob = git(root, "rev-parse", "HEAD:data.txt");
  appendFileSync(
    join(root, ".git/config"),
    "[extensions]\n\tpartialClone = origin\n[core]\n\trepositoryformatversion = 1\n",
  );
  rmSync(join(root, ".git/objects", blob.slice(0, 2), blob.slice(2)));
  const code = await captureCode(root, memoryObjects(), createRedactor({ env: {} }));
  expect(isUnknown(code)).toBe(false);
  expect(existsSync(marks)).toBe(false);
});

test("a filter whose name cannot be switched off, or a work tree elsewhere, is a reason and no risk", async () => {
  const { root, marks } = hostile();
  appendFileSync(join(root, ".git/config"), `[filter "a=b"]\n\tclean = ${join(root, "evil.sh")}\n`);
  expect(await captureCode(root, memoryObjects(), createRedactor({ env: {} }))).toEqual({
    unknown: expect.stringContaining("“=”") as string,
  });
  const other = repository({ "a.py": "1\n" });
  appendFileSync(join(other, ".git/config"), "[core]\n\tworktree = /etc\n");
  expect(await captureCode(other, memoryObjects(), createRedactor({ env: {} }))).toEqual({
    unknown: expect.stringContaining("core.worktree") as string,
  });
  expect(existsSync(marks)).toBe(false);
});

test("no git, or a broken repository, is a reason", async () => {
  const root = repository({ "a.py": "1\n" });
  expect(
    await captureCode(root, memoryObjects(), createRedactor({ env: {} }), { env: { PATH: "/nowhere:." } }),
  ).toEqual({
    unknown: "git was not found on PATH",
  });
  writeFileSync(join(root, ".git/HEAD"), "garbage\n");
  expect(await captureCode(root, memoryObjects(), createRedactor({ env: {} }))).toEqual({
    unknown: expect.stringMatching(/^git status: /) as string,
  });
});
