import { type Digest, type Evidence, isUnknown, type Known, type Reference, type RunRecord } from "#record";

/** By name; of one that was told several times each time by itself. */
function keyed({ references = [] }: RunRecord): Map<string, Reference> {
  const counts = new Map<string, number>();
  return new Map(
    references.map((one) => {
      const count = (counts.get(one.name) ?? 0) + 1;
      counts.set(one.name, count);
      return [count === 1 ? one.name : `${one.name} (${count})`, one];
    }),
  );
}

const digestIn = (one: Reference | undefined): Known<Digest> | null =>
  one === undefined ? null : isUnknown(one.predictions) ? one.predictions : one.predictions.digest;

/** Predictions for reference inputs, which the program tells: results as files are. Those that neither run kept say nothing. */
export function referencesEvidence(a: RunRecord, b: RunRecord): Evidence[] {
  const [left, right] = [keyed(a), keyed(b)];
  return [...new Set([...left.keys(), ...right.keys()])].flatMap((name): Evidence[] => {
    const [x, y] = [digestIn(left.get(name)), digestIn(right.get(name))];
    const base = { kind: "reference", name, how: "bytes", aside: [] } as const;
    if (x === null || y === null)
      return [{ ...base, name: `${name} (only in one run)`, agree: false, a: say(x), b: say(y), distance: null }];
    if (isUnknown(x) && isUnknown(y)) return [];
    if (isUnknown(x) || isUnknown(y)) {
      const unseen = `kept by one of the runs only: ${isUnknown(x) ? x.unknown : say(y)}`;
      return [{ ...base, agree: false, a: say(x), b: say(y), distance: null, unseen }];
    }
    return [{ ...base, agree: x === y, a: x, b: y, distance: x === y ? 0 : null }];
  });
}

const say = (digest: Known<Digest> | null): string | null =>
  digest !== null && isUnknown(digest) ? digest.unknown : digest;
