/** Numbers, texts or truth values: one, nested lists of equal length, a typed array. */
type Values = number | boolean | string | ArrayLike<number> | readonly Values[];

/** Whether Reprise records this process. Where it does not, everything else here does nothing. */
export function recorded(): boolean;
/** A number that the run has reached. */
export function metric(name: string, value: number, step?: number): void;
/** A setting of the run. Values under names of secrets are not recorded. */
export function param(name: string, value: unknown): void;
/** A seed from 0 to 2^32 - 1 for one purpose; `reprise run --seed split=7` makes that of "split" 7. */
export function seed(name: string): number;
/** What the run is to show, such as "auc > 0.9". */
export function claim(text: string): void;
/** What the model says of fixed inputs. */
export function reference(name: string, inputs: unknown, predictions: Values): void;
/** A checkpoint, a file or a folder, was written. */
export function checkpoint(path: string, step?: number): void;
