import { endFamily, family, type Member, send } from "./group.ts";

/** A keyboard sends these to the whole foreground group; the others go to the one process that was named. */
const TO_GROUP: readonly NodeJS.Signals[] = ["SIGINT", "SIGHUP", "SIGQUIT", "SIGSTOP", "SIGCONT"];
const PASSED: readonly NodeJS.Signals[] = ["SIGINT", "SIGHUP", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2"];
/** Those that end a run; the child's status is then "interrupted". */
const ENDING: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
/** A key held down is one press. */
const SAME_PRESS_MS = 300;

export interface SignalPlan {
  /** The child is in a session of its own: what a keyboard sends to our group does not reach it. */
  readonly leads: boolean;
  /** The child is the host of a terminal: it outlives what it hosts and puts the terminal back in order. */
  readonly host: boolean;
  readonly graceMs: number;
  /** Signals that whoever started us had set to be ignored (nohup): they stay so. */
  readonly ignored: readonly NodeJS.Signals[];
}

/** Passes our signals on to the child, each once, and keeps this process alive to write the record. */
export class SignalPass {
  /** The ending signals that were passed on, with the time of the last. */
  readonly passed: NodeJS.Signals[] = [];
  private lastAt = 0;
  private child: number | null = null;
  private early: NodeJS.Signals[] = [];
  private seen: readonly Member[] = [];
  private grace: NodeJS.Timeout | undefined;
  private readonly handlers: [NodeJS.Signals, () => void][] = [];

  constructor(private readonly plan: SignalPlan) {
    for (const signal of PASSED) this.on(signal, () => this.receive(signal));
    if (!plan.leads) return;
    if (plan.host) this.on("SIGWINCH", () => this.toChild("SIGWINCH"));
    else {
      // Ctrl-Z stops both.
      this.on("SIGTSTP", () => {
        this.toChild("SIGSTOP");
        send(process.pid, "SIGSTOP");
      });
      this.on("SIGCONT", () => this.toChild("SIGCONT"));
    }
  }

  /** From now on there is somebody to pass signals to; what came before is passed now. */
  attach(pid: number): void {
    this.child = pid;
    for (const signal of this.early.splice(0)) this.deliver(pid, signal);
  }

  /** Whether it was a signal passed on that ended the child, as its end suggests. */
  interrupted({ code }: { code: number | null }, endedAt: number): boolean {
    return this.passed.length > 0 && (code !== 0 || endedAt - this.lastAt < this.plan.graceMs);
  }

  /** Members of the family that were seen when the first ending signal came. */
  get members(): readonly Member[] {
    return this.seen;
  }

  detach(): void {
    clearTimeout(this.grace);
    this.child = null;
    for (const [signal, handler] of this.handlers) process.off(signal, handler);
  }

  private on(signal: NodeJS.Signals, handler: () => void): void {
    if (this.plan.ignored.includes(signal)) return;
    process.on(signal, handler);
    this.handlers.push([signal, handler]);
  }

  private receive(signal: NodeJS.Signals): void {
    const now = Date.now();
    if (ENDING.includes(signal)) {
      if (signal === "SIGINT" && this.passed.includes("SIGINT")) {
        if (now - this.lastAt > SAME_PRESS_MS) this.kill();
        return;
      }
      if (this.passed.includes(signal)) return;
      this.passed.push(signal);
      this.lastAt = now;
    }
    if (this.child === null) this.early.push(signal);
    else this.deliver(this.child, signal);
  }

  private deliver(pid: number, signal: NodeJS.Signals): void {
    if (ENDING.includes(signal)) this.seen = family(pid);
    this.toChild(signal);
    if (signal === "SIGINT") this.grace = setTimeout(() => this.kill(), this.plan.graceMs);
  }

  private toChild(signal: NodeJS.Signals): void {
    if (this.child === null) return;
    const toGroup = this.plan.leads && !this.plan.host && TO_GROUP.includes(signal);
    send(toGroup ? -this.child : this.child, signal);
  }

  private kill(): void {
    const child = this.child;
    if (child === null) return;
    const spare = this.plan.host ? child : undefined;
    void endFamily(child, { seen: this.seen, spare, patienceMs: 0, graceMs: 0 });
  }
}
