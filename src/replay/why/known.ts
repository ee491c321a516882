import type { Cause, Divergence, Unresolved } from "#record";

/** What is known while the search goes on. */
export class Known {
  /** Whether results part at all; null while that cannot be told. */
  parts: boolean | null = null;
  causes: Cause[] = [];
  unresolved: Unresolved[] = [];
  divergence: Divergence | null = null;
  complete = true;
  reason = "";

  /** Replays agree: nothing parts, or nothing more than the causes that were found. */
  endSame(agreeing: number, partedBefore: boolean): null {
    if (this.causes.length > 0) return null;
    const agree =
      agreeing === 1 ? "1 replay under varied conditions agrees" : `${agreeing} replays under varied conditions agree`;
    // What was seen once has not gone away because it was not seen again.
    if (partedBefore)
      return this.endOpen(`results parted when a verdict was asked for, and now ${agree}: it shows rarely`);
    this.parts = false;
    this.reason = `nothing parts: ${agree}`;
    return null;
  }

  /** A comparison showed nothing either way. */
  endBlind(reason: string | null): null {
    return this.endOpen(reason ?? "no replay could be made");
  }

  /** The search ends, and there is more than was found. */
  endOpen(reason: string): null {
    this.complete = false;
    this.reason = reason;
    return null;
  }
}
