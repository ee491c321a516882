import { endFamily, family, type Member } from "./group.ts";
import type { LaunchOptions } from "./options.ts";

const GRACE_MS = 2000;

/** A reason to abort: no signal is sent that a program could answer. */
export const SUDDENLY = "suddenly";

/** Ends the child's whole family when its time is up or the caller says so. */
export class Stopper {
  why: "timeout" | "aborted" | undefined;
  members: readonly Member[] = [];
  private readonly timer: NodeJS.Timeout | undefined;
  private readonly onAbort = (): void => this.stop("aborted");
  private readonly signal: AbortSignal | undefined;

  constructor(
    { timeoutSeconds, stopOn }: LaunchOptions,
    private readonly pid: number,
    private readonly host: boolean,
  ) {
    this.signal = stopOn;
    if (timeoutSeconds !== undefined) this.timer = setTimeout(() => this.stop("timeout"), timeoutSeconds * 1000);
    if (stopOn?.aborted === true) this.onAbort();
    else stopOn?.addEventListener("abort", this.onAbort, { once: true });
  }

  detach(): void {
    clearTimeout(this.timer);
    this.signal?.removeEventListener("abort", this.onAbort);
  }

  private stop(why: "timeout" | "aborted"): void {
    if (this.why !== undefined) return;
    this.why = why;
    this.members = family(this.pid);
    const spare = this.host ? this.pid : undefined;
    const graceMs = this.signal?.reason === SUDDENLY ? 0 : GRACE_MS;
    void endFamily(this.pid, { seen: this.members, spare, patienceMs: 0, graceMs });
  }
}
