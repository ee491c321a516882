/**
 * Whether a name could hardly have been thought of: tempfile draws eight of letters, digits and underscores. What reads as
 * words with a number behind (`tmp_model_1`, `torch_compiled`) may be a person's.
 */
export function isDrawnName(name: string): boolean {
  const drawn = /^(?:tmp[._]?|pymp-|torch_|wandb-|matplotlib-|loky-\d+-)(.+)$/.exec(name)?.[1];
  return drawn === undefined || !/^_?(?:[A-Z]?[a-z]+|[a-z]+(?:_[a-z]+)*)_?\d{0,3}_?$/.test(drawn);
}

/** Whether hexadecimal digits with their 0x can be a place in memory: an even one of up to 48 bits, above 4 GB. */
export function isAddress(text: string): boolean {
  const digits = text.slice(2).replace(/^0+/, "");
  return digits.length >= 9 && digits.length <= 12 && /[08]$/.test(digits);
}
