import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AgainstDocument, ExportDocument } from "#record";
import { type Sealed, seal } from "./sealed.ts";

const TRAIN = `import os, random
value = random.gauss(1, 0.1)
print(f"loss={value:.6f}")
open("model.txt", "w").write(repr(value))
key = os.urandom(16).hex()
`;

let place: Sealed;
beforeEach(() => {
  place = seal({ "train.py": TRAIN });
});
afterEach(() => place.remove());

const read = (name: string): ExportDocument => {
  const bytes = readFileSync(join(place.project, name));
  return JSON.parse((name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString()) as ExportDocument;
};

/** The same file, as another machine with another processor would have written it. */
function elsewhere(from: string, to: string, change: (document: ExportDocument) => unknown = () => undefined): void {
  const document = structuredClone(read(from)) as ExportDocument & {
    record: { hardware: { cpu: { model: string }; hostname: string } };
    verdict: { hostname?: string } | null;
  };
  document.record.hardware.cpu.model = "another processor";
  document.record.hardware.hostname = "elsewhere";
  if (document.verdict !== null) document.verdict.hostname = "elsewhere";
  change(document);
  writeFileSync(join(place.project, to), gzipSync(JSON.stringify(document)));
}

const against = (line: string): { code: number | null; document: AgainstDocument } => {
  const { code, out } = place.shell(`reprise verify -q --json ${line}`);
  return { code, document: JSON.parse(out) as AgainstDocument };
};

describe("E a run as a file", () => {
  test("it holds the record, small results and the last verdict, and none of the random bytes that were drawn", () => {
    place.shell("reprise run -q --seed 1 --name mine -- python3 train.py; reprise verify -q mine --replays 1");
    const { code, out } = place.shell("reprise export mine --output mine.json.gz");
    expect(code).toBe(0);
    expect(out).toMatch(/^run \w{8} is in mine\.json\.gz \(\d+(\.\d)? kB\)\n$/);
    const document = read("mine.json.gz");
    expect(document).toMatchObject({
      format: "reprise/export@1",
      verdict: { verdict: "reproduced", level: "numerical" },
      left: [],
    });
    const contents = Object.values(document.contents).map((text) => Buffer.from(text, "base64").toString());
    expect(contents.some((text) => /^loss=\d\.\d{6}\n$/.test(text))).toBe(true);
    expect(document.origin.uuids).toEqual([]);
    expect(place.shell("reprise export mine --output mine.json.gz")).toMatchObject({ code: 2 });
    expect(place.shell("reprise export mine -q --force --output mine.json.gz")).toMatchObject({
      code: 0,
      out: "",
      err: "",
    });
    expect(place.shell("reprise export mine --output no/such/folder.json").code).toBe(4);
  });

  test("beside itself a run shows nothing, at either level", () => {
    place.shell("reprise run -q --name mine -- python3 train.py; reprise export mine -q --output mine.json");
    const reason = "mine.json: it is this run itself, which shows nothing";
    expect(against("mine --against mine.json")).toMatchObject({ code: 3, document: { reason } });
    const { document } = against("mine --level statistical --against mine.json");
    expect(document).toMatchObject({ verdict: "inconclusive", reason, replays: [] });
  });

  test("done again on another machine: that machine's row, from its export or its pack, and what it found decides", ({
    skip,
  }) => {
    if (place.shell("unshare --uts hostname node-7").code !== 0) return skip("may not give a process another hostname");
    place.shell("reprise run -q --seed 1 --name mine -- python3 train.py; reprise pack -q mine -o mine.tar.gz");
    // Under another name of the machine, as a container has it.
    const there = (name: string, verify: string): unknown =>
      place.shell(
        `mkdir ../${name} && cd ../${name} && reprise unpack -q ../project/mine.tar.gz && unshare --uts sh -c 'hostname ${name} && reprise verify mine -q --yes ${verify}' >said.txt; reprise pack -q mine -o ../project/${name}.tar.zst && reprise export -q mine --output ../project/${name}.json`,
      );
    there("cluster", "--replays 2");
    there("ci", "--replays 1 --vary none");
    for (const file of ["cluster.tar.zst", "cluster.json"]) {
      const { code, document } = against(`mine --against ${file}`);
      expect(document).toMatchObject({ verdict: "reproduced", level: "numerical" });
      expect(document.machines).toMatchObject([
        {
          hostname: "cluster",
          group: "A",
          numerical: { reason: "every result is the same in 2 replays of this run there" },
        },
      ]);
      expect(code).toBe(0);
    }
    const both = against("mine --against cluster.json --against ci.json");
    expect(both.document.machines.map(({ hostname, numerical }) => [hostname, numerical.word])).toEqual([
      ["cluster", "agrees"],
      ["ci", "unknown"],
    ]);
    expect(both.code).toBe(3);
    // Mine by itself is nobody else's word.
    expect(against("mine --against mine.tar.gz").document.reason).toBe(
      "mine.tar.gz: it is this run itself, which shows nothing",
    );
    const changed = read("cluster.json") as unknown as { verdict: Record<string, unknown> };
    changed.verdict = { ...changed.verdict, verdict: "differs", reason: "1 metric differs: loss" };
    place.put({ "changed.json": JSON.stringify(changed) });
    const differs = against("mine --against changed.json");
    expect(differs.code).toBe(1);
    expect(differs.document.machines).toMatchObject([{ numerical: { word: "differs" }, group: null }]);
  }, 60_000);

  test("what is no export, or was changed on its way, is refused with a hint; nothing is half read", () => {
    place.shell(
      "reprise run -q --seed 1 -- python3 train.py; reprise export -q --output mine.json; echo '{' > broken.json",
    );
    place.put({ "other.json": '{"format": "reprise/show@1"}' });
    const other = read("mine.json");
    const [digest = ""] = Object.keys(other.contents);
    place.put({
      "forged.json": JSON.stringify({
        ...other,
        contents: { ...other.contents, [digest]: "eHl6" },
        record: { ...other.record, outputs: [] },
      }),
      "empty.json": JSON.stringify({ ...other, record: {} }),
    });
    place.shell("reprise run -q --seed 2 -- python3 train.py");
    for (const name of ["forged.json", "broken.json", "other.json", "empty.json", "gone.json", "train.py"]) {
      const { code, out } = place.shell(`reprise verify -q --json --against ${name}`);
      expect({ name, code }).toEqual({ name, code: name === "gone.json" ? 6 : 2 });
      expect(JSON.parse(out)).toMatchObject({
        error: { code: name === "gone.json" ? "EXPORT_UNREADABLE" : "EXPORT_INVALID" },
      });
    }
  });
});

describe("E a run against those of other machines", () => {
  test("equal results of two machines count when each was shown to repeat, and the table groups who agrees", () => {
    place.shell(
      "reprise run -q --seed 1 --name mine -- python3 train.py; reprise export -q mine --output once.json.gz",
    );
    elsewhere("once.json.gz", "theirs.json.gz");
    const once = against("mine --against theirs.json.gz");
    expect(once).toMatchObject({ code: 3, document: { verdict: "inconclusive", level: "none" } });
    expect(once.document.machines[0]?.numerical.reason).toContain("neither was shown to repeat on its own machine");
    place.shell("reprise verify -q mine --replays 1; reprise export -q mine --output twice.json.gz");
    elsewhere("twice.json.gz", "theirs.json.gz");
    place.shell("reprise run -q --seed 2 --name two -- python3 train.py; reprise export -q two --output two.json.gz");
    elsewhere("two.json.gz", "third.json.gz");
    const twice = against("mine --against theirs.json.gz");
    expect(twice).toMatchObject({
      code: 0,
      document: { verdict: "reproduced", level: "numerical", format: "reprise/against@1" },
    });
    expect(twice.document.machines[0]).toMatchObject({
      hostname: "elsewhere",
      sameMachine: false,
      recipe: [],
      group: "A",
    });
    const all = against("mine --against theirs.json.gz --against third.json.gz");
    expect(all).toMatchObject({ code: 1, document: { verdict: "differs" } });
    expect(all.document.machines.map(({ group, numerical }) => [group, numerical.word])).toEqual([
      ["A", "agrees"],
      ["B", "differs"],
    ]);
    const text = place.shell("reprise verify -q mine --against theirs.json.gz --against third.json.gz").out;
    expect(text).toMatch(/theirs\.json\.gz +elsewhere +A +✓ agrees/);
    expect(text).toMatch(/third\.json\.gz +elsewhere +B +✗ differs/);
  });

  test("a repetition in which nothing varied shows no machine to repeat, mine or theirs, and hides nothing said before", () => {
    place.shell(
      "reprise run -q --seed 1 --name mine -- python3 train.py; reprise verify -q mine --vary none --replays 1; reprise export -q mine --output same.json.gz",
    );
    expect(read("same.json.gz").verdict).toMatchObject({ verdict: "reproduced", level: "numerical", varied: [] });
    elsewhere("same.json.gz", "theirs.json.gz");
    const none = against("mine --against theirs.json.gz");
    expect(none).toMatchObject({ code: 3, document: { verdict: "inconclusive", level: "none" } });
    expect(none.document.reason).toContain("neither was shown to repeat on its own machine with conditions varied");
    place.shell("reprise verify -q mine --replays 1; reprise verify -q mine --vary none --replays 1");
    expect(against("mine --against theirs.json.gz").document.reason).toContain("theirs was not shown");
    place.shell("reprise export -q mine --output varied.json.gz");
    elsewhere("varied.json.gz", "both.json.gz");
    expect(against("mine --against both.json.gz")).toMatchObject({ code: 0, document: { verdict: "reproduced" } });
  });

  test("what was said of this run elsewhere is not said of other results under its name, nor by no replay at all", () => {
    place.shell(
      "reprise run -q --seed 1 --name mine -- python3 train.py; reprise verify -q mine --replays 1; reprise export -q mine --output mine.json",
    );
    const crafted = (name: string, change: (record: ExportDocument["record"], verdict: object) => unknown): string => {
      const document = structuredClone(read("mine.json"));
      const verdict = { ...document.verdict, hostname: "elsewhere" };
      change(document.record, verdict);
      place.put({ [name]: JSON.stringify({ ...document, verdict }) });
      return `mine --against ${name}`;
    };
    expect(against(crafted("there.json", () => undefined)).document.verdict).toBe("reproduced");
    const none = crafted("none.json", (_record, verdict) => Object.assign(verdict, { replays: [] }));
    expect(against(none)).toMatchObject({ code: 3, document: { verdict: "inconclusive" } });
    const other = crafted("other.json", ({ metrics }) => {
      for (const series of metrics as unknown as { points: { value: number }[] }[])
        for (const point of series.points) point.value = 7;
    });
    expect(against(other)).toMatchObject({ code: 1, document: { verdict: "differs" } });
    const { out } = place.shell("cat there.json | reprise verify -q --json mine --against /dev/stdin");
    expect(JSON.parse(out)).toMatchObject({ verdict: "reproduced" });
  });

  test("a file that is given twice, by whatever name, counts once", () => {
    place.shell(
      "reprise run -q --seed 1 --name mine -- python3 train.py; reprise verify -q mine --replays 1; reprise export -q mine --output one.json.gz",
    );
    elsewhere("one.json.gz", "theirs.json.gz");
    elsewhere("one.json.gz", "copy.json.gz");
    const { document } = against("mine --against theirs.json.gz --against theirs.json.gz --against copy.json.gz");
    expect(document.machines).toHaveLength(1);
    expect(document.reason).toBe("every result is the same in the other run");
    expect(document.warnings).toEqual([
      "theirs.json.gz is the run of theirs.json.gz: counted once",
      "copy.json.gz is the run of theirs.json.gz: counted once",
    ]);
    const text = place.shell("reprise verify -q mine --against theirs.json.gz --against copy.json.gz").out;
    expect(text).toMatch(/note +copy\.json\.gz is the run of theirs\.json\.gz: counted once/);
  });

  test("at the statistical level their metrics are held to the noise measured here; too few replays show nothing", () => {
    place.shell("reprise run -q --name mine -- python3 train.py; reprise export -q mine --output mine.json.gz");
    elsewhere("mine.json.gz", "far.json.gz", (document) => {
      const [series] = document.record.metrics as unknown as { points: { value: number }[] }[];
      for (const point of series?.points ?? []) point.value = 7;
    });
    const few = against("mine --level statistical --replays 2 --against far.json.gz");
    expect(few).toMatchObject({ code: 3, document: { verdict: "inconclusive" } });
    expect(few.document.machines[0]?.statistical?.word).toBe("unknown");
    const far = against("mine --level statistical --replays 5 --against far.json.gz");
    expect(far).toMatchObject({ code: 1, document: { verdict: "differs", confidence: 0.95 } });
    expect(far.document.replays).toHaveLength(5);
    expect(far.document.reason).toMatch(/^far\.json\.gz: loss is 7, and 5 replays put it between/);
    expect(place.shell("reprise verify -q mine --level scientific --against far.json.gz").code).toBe(2);
  });
});
