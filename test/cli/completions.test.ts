import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Sealed, seal } from "./sealed.ts";

let place: Sealed;
beforeAll(() => {
  place = seal();
  place.shell("reprise run -q --name baseline -- true; reprise run -q --name 'best:1' -- true");
});
afterAll(() => place.remove());

const has = (shell: string): boolean => spawnSync(shell, ["--version"]).status === 0;

/** What bash would offer for a line that ends at the cursor. */
function offered(line: string): string[] {
  const words = line.split(" ");
  const script = `eval "$(reprise completions bash)"
COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}
_reprise; printf '%s\\n' "\${COMPREPLY[@]}"`;
  place.put({ "complete.sh": script });
  return place
    .shell("bash complete.sh")
    .out.split("\n")
    .filter((word) => word !== "");
}

describe("E completions", () => {
  test("bash: commands, options, runs by name, and the user's own command", () => {
    expect(offered("reprise v")).toEqual(["verify"]);
    expect(offered("reprise verify --ho")).toEqual(["--hold"]);
    expect(offered("reprise show ba")).toEqual(["baseline"]);
    expect(offered("reprise show @")).toEqual(["@last"]);
    expect(offered("reprise run --see")).toEqual(["--seed"]);
    expect(offered("reprise run -- python3 comp")).toEqual(["complete.sh"]);
    expect(offered("reprise run python3 --se")).toEqual([]);
    expect(offered("reprise completions z")).toEqual(["zsh"]);
    expect(offered("reprise audit r")).toEqual(["run", "report"]);
    expect(offered("reprise audit report --for")).toEqual(["--format"]);
  });

  test.each(["bash", "zsh", "fish"])("%s accepts its script", (shell) => {
    const { code, out } = place.shell(`reprise completions ${shell}`);
    expect(code).toBe(0);
    expect(out).toContain("verify");
    place.put({ [`script.${shell}`]: out });
    if (has(shell)) expect(place.shell(`${shell} -n script.${shell}`)).toMatchObject({ code: 0, err: "" });
  });

  test("another shell is wrong use", () => {
    expect(place.shell("reprise completions tcsh")).toMatchObject({ code: 2 });
  });

  test("without a store there are no names, and no complaint", () => {
    expect(place.shell("mkdir -p ../empty && cd ../empty && reprise __runs")).toMatchObject({
      code: 0,
      out: "",
      err: "",
    });
  });
});
