import { environmentRecipe } from "#environment";
import { isUnknown, type RunRecord } from "#record";

/** The environment for people and other tools: what another machine needs to make it again, and its packages as pip reads them. */
export function environmentFiles(record: RunRecord): { readonly path: string; readonly text: string }[] {
  const recipe = environmentRecipe(record);
  const json = { path: "environment.json", text: `${JSON.stringify(recipe, null, 1)}\n` };
  return isUnknown(recipe) ? [json] : [json, { path: "requirements.txt", text: recipe.requirements }];
}
