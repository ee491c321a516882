import { isUnknown, type Known, knownOr, type LibraryFact, type RunRecord, unknown } from "#record";

/** Extension modules carry it in their names: `_ssl.cpython-311-x86_64-linux-gnu.so`. */
const TAGGED = /\.(?:cpython|pypy)\d*-\d+[a-z]*-([\w-]+)\.so$/;
const BESIDE = /^(.*)\/lib\/python\d\.\d+t?\/lib-dynload\//;

const librariesOf = (run: RunRecord): readonly LibraryFact[] => knownOr(run.environment.libraries, []);

/** The machine that wheels have to fit, such as `x86_64-linux-gnu`. */
export function platformOf(run: RunRecord): Known<string> {
  const { libraries } = run.environment;
  if (isUnknown(libraries)) return unknown(libraries.unknown);
  for (const { path } of libraries) {
    const tag = TAGGED.exec(path)?.[1];
    if (tag !== undefined) return tag;
  }
  return unknown("no loaded library has it in its name");
}

/** The prefix of the interpreter below the environment, told by where its own modules lay. */
export function basePrefixOf(run: RunRecord): string | null {
  for (const { path } of librariesOf(run)) {
    const prefix = BESIDE.exec(path)?.[1];
    if (prefix !== undefined) return prefix;
  }
  return null;
}
