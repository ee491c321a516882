import { expect, test } from "vitest";
import { hashesOfLock } from "../../src/environment/lock-hashes.ts";

const [A, B] = ["a", "b"].map((digit) => `sha256:${digit.repeat(64)}`);

test("hashes are read from the locks of uv, poetry, pdm, pipenv and pip, and from pylock.toml", async () => {
  const uv = `version = 1\n[[package]]\nname = "Num_Py"\nversion = "2.4.6"\nsdist = { url = "https://example.org/n.tar.gz", hash = "${A}" }\nwheels = [{ url = "https://example.org/n.whl", hash = "${B}" }]\n`;
  const poetry = `[[package]]\nname = "numpy"\nversion = "2.4.6"\nfiles = [{file = "n.whl", hash = "${A}"}, {file = "n.tar.gz", hash = "${B}"}]\n`;
  const pipenv = JSON.stringify({ default: { numpy: { hashes: [A, B], version: "==2.4.6" } }, develop: {} });
  const pip = `# x\nnumpy[extra]==2.4.6 \\\n    --hash=${A} \\\n    --hash=${B}\nother>=1 --hash=${A}\n`;
  const pylock = `lock-version = "1.0"\n[[packages]]\nname = "numpy"\nversion = "2.4.6"\nsdist = {hashes = {sha256 = "${"a".repeat(64)}"}}\nwheels = [{url = "https://example.org", hashes = {sha256 = "${"b".repeat(64)}"}}]\n`;
  const expected = [["numpy==2.4.6", [A, B]]];
  expect(await hashesOfLock("uv.lock", uv)).toEqual([["num-py==2.4.6", [B, A]]]);
  expect(await hashesOfLock("poetry.lock", poetry)).toEqual(expected);
  expect(await hashesOfLock("pdm.lock", poetry)).toEqual(expected);
  expect(await hashesOfLock("Pipfile.lock", pipenv)).toEqual(expected);
  expect(await hashesOfLock("requirements-dev.txt", pip)).toEqual(expected);
  expect(await hashesOfLock("requirements/base.txt", pip)).toEqual(expected);
  expect(await hashesOfLock("pylock.toml", pylock)).toEqual([["numpy==2.4.6", [B, A]]]);
});

test("a lock that is damaged, of another kind or hostile gives nothing, and no error", async () => {
  const hostile = JSON.stringify({
    default: { __proto__: { version: "==1", hashes: ["sha256:x", 3, null] }, a: 7 },
    develop: [],
  });
  expect((await hashesOfLock("Pipfile.lock", hostile)).flatMap(([, hashes]) => hashes)).toEqual([]);
  expect(await hashesOfLock("Pipfile.lock", "{")).toEqual([]);
  expect(await hashesOfLock("uv.lock", "[[package]\n")).toEqual([]);
  expect(await hashesOfLock("poetry.lock", "package = 3\n")).toEqual([]);
  expect(await hashesOfLock("Cargo.lock", `[[package]]\nname = "x"\nversion = "1"\nfiles = ["${A}"]\n`)).toEqual([]);
});
