const SHIELDED: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
/** So many presses of Ctrl-C are taken as meant for the child; one more ends us. */
const PRESSES = 3;

/**
 * Lets signals pass by until release(): for the time before and after launch(), in which the record is made. A second
 * Ctrl-C that was meant for a child already gone must not cost the record.
 */
export function shieldSignals(): { release(): void } {
  let presses = 0;
  const handlers = SHIELDED.map((signal): [NodeJS.Signals, () => void] => [
    signal,
    () => {
      presses += signal === "SIGINT" ? 1 : 0;
      if (presses <= PRESSES) return;
      release();
      process.kill(process.pid, signal);
    },
  ]);
  const release = (): void => {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  };
  for (const [signal, handler] of handlers) process.on(signal, handler);
  return { release };
}
