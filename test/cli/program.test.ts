import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EXIT } from "../../src/cli/exit-codes.ts";
import { SHOWN_VERBS } from "../../src/cli/verbs.ts";
import { type Sealed, seal } from "./sealed.ts";

const root = join(import.meta.dirname, "../..");
let place: Sealed;
beforeAll(() => {
  place = seal({ "train.py": "print('loss=1')" });
});
afterAll(() => place.remove());

describe("E reprise", () => {
  test("--version and --help answer, nothing at all is wrong use", () => {
    expect(place.shell("reprise --version").out).toMatch(/^reprise \d+\.\d+\.\d+\n$/);
    for (const line of ["reprise --help", "reprise -h", "reprise help"]) {
      const { code, out } = place.shell(line);
      expect(code).toBe(0);
      for (const verb of SHOWN_VERBS) expect(out).toContain(`\n  ${verb} `);
    }
    expect(place.shell("reprise")).toMatchObject({ code: 2, out: "" });
  });

  test.each(SHOWN_VERBS)("%s --help has examples and exit codes, in 80 columns", (verb) => {
    const { code, out } = place.shell(`reprise ${verb} --help`);
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^Usage: reprise ${verb} `));
    expect(out).toContain("\nExamples:\n  ");
    expect(out).toContain("\nExit codes:\n  ");
    expect(out).not.toContain("(default: [])");
    expect(place.shell(`reprise help ${verb}`).out).toBe(out);
  });

  test("an unknown command or option is 2, and the nearest is named", () => {
    expect(place.shell("reprise veriyf")).toMatchObject({
      code: 2,
      err: "reprise: there is no command 'veriyf'\n  try: reprise verify\n",
    });
    expect(place.shell("reprise constructor")).toMatchObject({
      code: 2,
      err: "reprise: there is no command 'constructor'\n  try: reprise --help\n",
    });
    expect(place.shell("reprise --verison").code).toBe(2);
    expect(place.shell("reprise ls --al").err).toBe(
      "reprise: unknown option '--al' (Did you mean --all?)\n  try: reprise ls --help\n",
    );
    expect(place.shell("reprise diff one").code).toBe(2);
    expect(place.shell("reprise show a b").code).toBe(2);
  });

  test("a working folder that is gone is an error like another", () => {
    const broken = "mkdir gone && cd gone && rmdir ../gone && reprise ls";
    const { code, err } = place.shell(broken);
    expect(code).toBe(EXIT.missing);
    expect(err).toContain("reprise: the working folder is not there any more\n  try: cd to a folder that is\n");
    expect(err).not.toContain("    at ");
  });

  test("starts without what it does not need", () => {
    const main = readFileSync(join(root, "dist/cli/main.js"), "utf8");
    expect(main).not.toMatch(/^import .*chunk/m);
  });

  test("a disk without room for our output is an error", () => {
    place.shell("reprise run -q -- true");
    expect(place.shell("reprise ls > /dev/full").code).toBe(EXIT.storage);
  });
});

describe("U docs/errors.md", () => {
  const page = readFileSync(join(root, "docs/errors.md"), "utf8");
  const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(join(root, "src", name), "utf8"));
  const rows = new Map(
    [...page.matchAll(/^\| `([A-Z_]+)` \| (\w+) \| (.+) \| .+ \|$/gm)].map(([, code = "", kind = "", meaning = ""]) => [
      code,
      { kind, meaning },
    ]),
  );
  const KINDS = ["usage", "config", "missing", "storage", "internal"];
  // Codes stand before their kind, in the constructor or in a function that calls it.
  const used = new Map(
    sources.flatMap((text) =>
      [
        ...text.matchAll(/"([A-Z][A-Z_]+)"(?: : "([A-Z][A-Z_]+)")?,\s*"(usage|config|missing|storage|internal)"/g),
      ].flatMap(([, a = "", b, kind = ""]) =>
        [a, b].flatMap((code) => (code === undefined ? [] : [[code, kind] as const])),
      ),
    ),
  );

  test("has every code with its kind", () => {
    expect(used.size).toBeGreaterThan(20);
    for (const [code, kind] of used) expect({ code, kind: rows.get(code)?.kind }).toEqual({ code, kind });
  });

  test("has no code that nothing throws", () => {
    const all = sources.join("\n");
    expect([...rows.keys()].filter((code) => !all.includes(`"${code}"`))).toEqual([]);
  });

  test("knows only kinds that have an exit code, and names the codes that have one of their own", () => {
    for (const { kind } of rows.values()) expect(KINDS).toContain(kind);
    expect(page).toContain(`| ${EXIT.internal} | kind \`internal\``);
    for (const kind of ["usage", "config", "missing", "storage"] as const)
      expect(page).toContain(`| ${EXIT[kind]} | kind \`${kind}\``);
    expect(rows.get("COMMAND_NOT_FOUND")?.meaning).toContain(`(exit ${EXIT.notFound})`);
    expect(rows.get("COMMAND_NOT_EXECUTABLE")?.meaning).toContain(`(exit ${EXIT.notExecutable})`);
  });

  test("is in order", () => {
    expect([...rows.keys()]).toEqual([...rows.keys()].sort());
  });
});
