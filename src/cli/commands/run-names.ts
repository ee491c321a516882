import { EXIT } from "../exit-codes.ts";
import { face } from "../face.ts";
import { findPlace, withStore } from "../place.ts";
import { shortId } from "../render/words.ts";
import type { Define } from "../verb.ts";

const MOST = 50;

/** Asked by the shell at each press of Tab: says what it can, and nothing else. */
export const defineRunNames: Define = (context, end) =>
  face(context, "__runs", "names of runs, for completions", { examples: [], exits: [["0", "always"]] })
    .argument("[word]", "what is typed so far")
    .action(async (word: string | undefined) => {
      end(EXIT.ok);
      try {
        const place = await findPlace(context, undefined, "read");
        await withStore(place, { readonly: true }, (store) => {
          const runs = store.runs.list({ limit: MOST });
          const names = runs.flatMap(({ name }) => (name === null ? [] : [name]));
          const all = [...new Set(["@last", ...names, ...runs.map(({ id }) => shortId(id))])];
          for (const name of all)
            if (name.startsWith(word ?? "") && /^[\w@~.:/-]+$/.test(name)) context.out.write(`${name}\n`);
        });
      } catch {
        // No store, no names.
      }
    });
