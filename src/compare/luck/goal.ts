import type { Goal } from "#record";

const DOWN =
  /^(?:loss|losses|logloss|error|errors|err|mse|rmse|mae|mape|rmsle|smape|nll|bce|xent|crossentropy|perplexity|ppl|bpc|bpb|wer|cer|fid|brier|regret|deviance)$/;
const UP =
  /^(?:acc\d*|accuracy\d*|accuracies|auc|auroc|auprc|ap|f1|f2|r2|reward|rewards|return|returns|precision|recall|sensitivity|specificity|bleu|rouge|meteor|chrf|iou|miou|dice|map|ndcg|mrr|mcc|kappa|psnr|ssim|top\d+|winrate)$/;
/** "neg_mean_squared_error" is better when higher; "loss_scale" and "acc_std" are neither. */
const TURNED =
  /^(?:neg|negative|minus|gap|drop|diff|difference|delta|std|stdev|sd|var|variance|reduction|improvement|time|ratio|scale|weight|coef|lr|count|num)$/;

/**
 * Whether more or less of it is better, where its name says so by convention. A name that says nothing, or both, is left
 * open: better no direction than the wrong one.
 */
export function goalOf(name: string): Goal | null {
  const words = name
    .replace("cross_entropy", "crossentropy")
    .toLowerCase()
    .split(/[^a-z\d]+/);
  if (words.some((word) => TURNED.test(word))) return null;
  const [down, up] = [words.some((word) => DOWN.test(word)), words.some((word) => UP.test(word))];
  return down === up ? null : down ? "min" : "max";
}
