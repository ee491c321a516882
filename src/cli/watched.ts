import type { Context } from "./context.ts";
import { catchInterrupt, Interrupted } from "./interrupt.ts";
import { createProgress } from "./progress.ts";

/** Work with progress, and Ctrl-C that ends the replay which is running; null: it came. */
export async function watched<T>(
  quiet: boolean,
  context: Context,
  work: (onProgress: (words: string) => void) => Promise<T>,
): Promise<T | null> {
  const progress = createProgress(context.err, quiet);
  const interrupt = catchInterrupt();
  try {
    const found = await work((words) => {
      interrupt.check();
      progress.say(words);
    });
    return interrupt.requested ? null : found;
  } catch (error) {
    if (error instanceof Interrupted) return null;
    throw error;
  } finally {
    progress.clear();
    interrupt.release();
  }
}
