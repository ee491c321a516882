import type { TraceOperator, TraceRecord } from "#record";

/** The first operator that got equal inputs, save perhaps the state of the generator, and gave unequal outputs. */
export interface OperatorApart {
  readonly operator: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly inputs: readonly string[];
  readonly a: readonly string[];
  readonly b: readonly string[];
  /** It gave memory as it was found, and another operator read it. */
  readonly uninitialised: boolean;
  /** It drew from a generator that was in another state; all else that went in was equal. */
  readonly drew: boolean;
  /** How many operators come before it. */
  readonly at: number;
}

/** These overwrite what they are given without reading it. */
const OVERWRITES =
  /^aten\.(fill_|zero_|copy_|uniform_|normal_|random_|bernoulli_|exponential_|log_normal_|geometric_|cauchy_)(\.|$)|out$/;

const equal = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((text, n) => text === b[n]);

const isGenerator = (text: string): boolean => text.startsWith("rng:");

/** Nothing but the generator was another one. What an operator overwrites is no input of it. */
function drewApart(x: TraceOperator, y: TraceOperator): boolean {
  const rest = ({ inputs }: TraceOperator): string[] => inputs.filter((text) => !isGenerator(text));
  const drew = (operator: TraceOperator): string[] => operator.inputs.filter(isGenerator);
  if (drew(x).length === 0 || equal(drew(x), drew(y))) return false;
  return OVERWRITES.test(x.name) || equal(rest(x), rest(y));
}

function* operatorsOf(records: Iterable<TraceRecord>): Generator<TraceOperator> {
  for (const record of records) if (record.kind === "operator") yield record;
}

/**
 * Both runs' operators in order. Inputs that differ are no finding: an earlier operator, or the data, made them so. They
 * are one when they are memory as it was found. Where the runs call different operators nothing more can be said.
 */
export function firstOperatorApart(a: Iterable<TraceRecord>, b: Iterable<TraceRecord>): OperatorApart | null {
  const other = operatorsOf(b);
  const fresh = new Map<string, { operator: TraceOperator; twin: TraceOperator; at: number }>();
  let at = 0;
  for (const x of operatorsOf(a)) {
    const next = other.next();
    if (next.done === true) return null;
    const y = next.value;
    if (x.name !== y.name || x.file !== y.file || x.line !== y.line) return null;
    const found = (operator: TraceOperator, twin: TraceOperator, n: number): OperatorApart => ({
      operator: operator.name,
      file: operator.file,
      line: operator.line,
      inputs: operator.inputs,
      a: operator.outputs,
      b: twin.outputs,
      uninitialised: operator.fresh,
      drew: drewApart(operator, twin),
      at: n,
    });
    if (x.fresh) {
      for (const text of equal(x.outputs, y.outputs) ? [] : x.outputs) fresh.set(text, { operator: x, twin: y, at });
    } else if (!equal(x.outputs, y.outputs)) {
      if (equal(x.inputs, y.inputs) || drewApart(x, y)) return found(x, y, at);
      const read = OVERWRITES.test(x.name)
        ? undefined
        : x.inputs
            .map((text, n) => (text === y.inputs[n] ? undefined : fresh.get(text)))
            .find((one) => one !== undefined);
      if (read !== undefined) return found(read.operator, read.twin, read.at);
    }
    at += 1;
  }
  return null;
}
