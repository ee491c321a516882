import { agrees, blindnessOf } from "#compare";
import type { Evidence } from "#record";
import { gatherEvidence } from "../evidence.ts";
import type { Ingredient, Unmixable } from "../mix/ingredient.ts";
import type { Mixture } from "../mix/mixture.ts";
import { temporaryOf } from "../replay.ts";
import { sideOfCode } from "../side.ts";
import { smallestBundled } from "./bundled.ts";
import type { MixCause } from "./cause.ts";
import { Aborted, type Mixed, repeats } from "./mix-replay.ts";
import { prove } from "./prove.ts";
import { byRows } from "./rows.ts";
import { Live, type SearchOptions, Session, Spent } from "./session.ts";
import { givesA, type Question, shrink } from "./smallest.ts";

export interface Guilty {
  /**
   * found: these causes; same: the recorded results do not differ; unseen: that could not be told; live: no proof is
   * possible, as a run does not repeat; beyond: what differs and cannot be mixed has a part; spent, stopped: not finished.
   */
  readonly state: "found" | "same" | "unseen" | "live" | "beyond" | "spent" | "stopped";
  readonly causes: readonly MixCause[];
  /** What had to come from A, the causes and what goes along with them; empty where nothing was found. */
  readonly set: readonly Ingredient[];
  /** What is neither guilty nor innocent, and why. */
  readonly unresolved: readonly Unmixable[];
  /** Made now; answers of earlier searches cost none. */
  readonly replays: number;
  /** Of these, those that found the set; the others proved it. */
  readonly searched: number;
  readonly ingredients: number;
  readonly complete: boolean;
  readonly reason: string;
}

function recordedEvidence({ a, b, eventsA, eventsB, context }: Mixture): Evidence[] {
  const side = (run: typeof a, events: typeof eventsA): ReturnType<typeof sideOfCode> =>
    sideOfCode(run, events, context.store, [temporaryOf(run)]);
  return gatherEvidence(side(a, eventsA), side(b, eventsB));
}

const asUnresolved = (list: readonly Ingredient[], reason: string): Unmixable[] =>
  list.map((ingredient) => ({ ingredient, reason }));

class Search {
  readonly session: Session;
  readonly mixture: Mixture;
  /** What still suffices, as far as the search has come. */
  candidates: readonly Ingredient[];
  searched = Number.POSITIVE_INFINITY;
  /** A mixture had the results of B. */
  sawB = false;

  constructor(readonly options: SearchOptions) {
    this.session = new Session(options);
    this.mixture = options.mixture;
    this.candidates = options.mixture.ingredients;
  }

  answer(state: Guilty["state"], reason: string, rest: Partial<Guilty> = {}): Guilty {
    const { replays } = this.session;
    const complete = state !== "spent" && state !== "stopped";
    const searched = Math.min(this.searched, replays);
    const plain = { causes: [], set: [], unresolved: [], searched, ingredients: this.mixture.ingredients.length };
    return { ...plain, state, reason, replays, complete, ...rest };
  }

  /** What was open when the search ended: none of it is innocent. */
  open(reason: string): Unmixable[] {
    return [...asUnresolved(this.candidates, reason), ...this.mixture.unmixable];
  }

  async find(): Promise<Guilty> {
    const { mixture, session } = this;
    const evidence = recordedEvidence(mixture);
    const blind = blindnessOf(mixture.a, evidence);
    if (blind !== null) return this.answer("unseen", blind);
    if (agrees(evidence)) return this.answer("same", "the recorded results of the two runs do not differ");
    session.left = Math.ceil(Math.log2(mixture.ingredients.length + 1)) + 2 + 2 * session.times;
    // Where all can be mixed, all together suffice as a rule: the search asks for them if no single one does.
    if (mixture.unmixable.length > 0 && (await this.all()).outcome !== "like-a") return this.beyond();
    const { found, complete } = await smallestBundled(session, mixture.ingredients, this.question());
    if (found.length > 0) this.candidates = found;
    if (!complete) throw new Spent("the budget is spent");
    // No mixture had B's results: has B itself?
    if (!this.sawB) await session.repeatsB();
    if (found.length === 0) return this.beyond();
    const small = await shrink(session, found, givesA(session));
    this.candidates = small.found;
    const fine = await byRows(session, small.found, small.found, (others) => givesA(session, others));
    this.candidates = fine;
    this.searched = session.replays;
    const proved = await prove(session, { found: fine, unsure: small.unsure });
    if (await session.repeatsB()) return this.answer("found", proved.reason, proved);
    // What parts A from B done again need not be what parted A from the B that was recorded.
    const causes = proved.causes.map((cause): MixCause => ({ ...cause, certainty: "consistent" }));
    const reason = `${proved.reason}; but B itself does not come out as recorded when it is done again: nothing is proved of that run`;
    return this.answer("found", reason, { ...proved, causes, reason });
  }

  async all(): Promise<Mixed> {
    return this.session.ask(new Set(this.mixture.ingredients), "taking all that can be taken from A");
  }

  /** Has B the results of A with these? Where an answer fits no single cause, B itself is looked at before anything else. */
  question(): Question {
    const ask = givesA(this.session);
    return async (some) => {
      const answer = await ask(some);
      if (answer === "no") this.sawB = true;
      if (answer === "partly" || answer === "unresolved") await this.session.repeatsB();
      return answer;
    };
  }

  /** Not even with all that can be taken from A does B give A's results: is it A, or what cannot be taken? */
  async beyond(): Promise<Guilty> {
    const { signal } = this.options;
    const { times } = this.session;
    const { reason: why } = await this.all();
    const all = new Set(this.mixture.ingredients);
    await this.session.answers(all, "again: taking all that can be taken from A", { times });
    const itself = await repeats(this.mixture, {
      times,
      ...(signal === undefined ? {} : { signal }),
      onReplay: () => {
        this.session.replays += 1;
      },
    });
    const { unmixable } = this.mixture;
    if (itself === true) {
      const what = unmixable.length > 0 ? "what cannot be mixed" : "something that the records do not show";
      const reason = `with all that can be taken from A, B still has not A's results (${why}): ${what} has a part`;
      return this.answer("beyond", reason, { unresolved: this.open("not sufficient without what cannot be mixed") });
    }
    const unresolved = this.open("A did not repeat");
    const held = `run A does not come out as recorded when it is done again with everything held (${itself})`;
    if (unmixable.length === 0) return this.answer("live", `${held}: nothing can be proved`, { unresolved });
    const names = unmixable.map((item) => item.ingredient.name).join(", ");
    const reason = `${held}: it has no lasting result, or what cannot be brought back has a part (${names})`;
    return this.answer("beyond", reason, { unresolved });
  }
}

/**
 * The smallest set of differences that makes B part from A, and its proof: B with them from A has A's results, A with them
 * from B has not. Stops when the budget is spent or `signal` says so, and tells what is known by then.
 */
export async function findGuilty(options: SearchOptions): Promise<Guilty> {
  const search = new Search(options);
  try {
    return await search.find();
  } catch (error) {
    if (error instanceof Live)
      return search.answer("live", error.message, { unresolved: search.open(error.unresolved) });
    if (error instanceof Spent)
      return search.answer("spent", "the budget was spent before the causes were found", {
        unresolved: search.open("the budget was spent"),
      });
    if (!(error instanceof Aborted)) throw error;
    return search.answer("stopped", "stopped before the causes were found", {
      unresolved: search.open("the search was stopped"),
    });
  }
}
