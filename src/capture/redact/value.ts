/** What can stand where a secret would, and is none. */
const PLAIN = new Set(
  `true false none null nil yes no on off undefined auto default str string int float bool bytes any object optional
   required enabled disabled token tokens password passwd secret secrets key keys basic bearer digest oauth oauth2 cls
   mean input prompt example sample test testing dummy placeholder todo fixme redacted hidden masked empty missing unset
   invalid local localhost postgres mysql redis admin root user username guest public anonymous changeme value values
   number boolean unknown self type list dict tuple callable secretstr text file path name forward backward cookie auth
   api_key apikey access_token auth_token yourpassword password123 str] ignore always never vault keyring keychain
   pass netrc env environment aws gcp azure github gitlab iam saml ldap kerberos jwt none, null, true, false,`
    .split(/\s+/)
    .filter((word) => word !== ""),
);

/** Placeholders and references: ${VAR}, {{ var }}, <token>, %(name)s, your-key-here, xxxx, ****. */
const REFERENCE =
  /^(?:\$|\{|<|%[({]|\[|#|@|!|&|\*+$|\.+$|x+$|-+$|_+$|0+$)|^(?:your|my|insert|enter|change|replace)[-_ ]|^\\|\$\{|\{\{|^f["']|…|\.\.\.$|\*{3}/i;
const NUMBER = /^[-+]?[\d.,_]+(?:e[-+]?\d+)?%?$/i;
const DIGEST = /^(?:sha\d*[:-])?(?:[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$/i;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** The name of a variable or of a header, as constants hold it. */
const NAME = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$|^X-[A-Z][A-Za-z-]*$|^__\w+__$|^0x[0-9a-f]+/;
const PATH = /^(?:~?\/|\.{1,2}\/|[A-Za-z]:\\|file:)/;

/** Says nothing by itself: a word, a number, a reference, a path. */
export function isPlain(value: string): boolean {
  const bare = value.trim();
  if (PLAIN.has(bare.toLowerCase())) return true;
  return REFERENCE.test(bare) || PATH.test(bare) || NAME.test(bare) || bare.startsWith("arn:");
}

export function isNumber(value: string): boolean {
  return NUMBER.test(value);
}

/** Long, of letters and digits in disorder, and not the digest or uuid of something. */
export function looksRandom(value: string): boolean {
  if (value.length < 16 || value.length > 4096 || /\s/.test(value)) return false;
  if (DIGEST.test(value) || UUID.test(value) || PATH.test(value)) return false;
  if (!/\d/.test(value) || !/[A-Za-z]/.test(value)) return false;
  if (value.length < 32 && /^[0-9a-f]+$/i.test(value)) return false;
  // Words joined by separators are names: "resnet50_v1.5-imagenet-2012".
  const longest = Math.max(...value.split(/[^A-Za-z0-9]+/).map((part) => part.length));
  return longest >= 12 && entropyOf(value) >= 3;
}

/** Could be the name of a variable, so only clear disorder counts: digits in three places, and no dots. */
export function looksRandomForName(value: string): boolean {
  return looksRandom(value) && !value.includes(".") && (value.match(/\d+/g) ?? []).length >= 3;
}

/** Shannon entropy in bits per character. */
function entropyOf(value: string): number {
  const counts = new Map<string, number>();
  for (const char of value) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / value.length) * Math.log2(count / value.length);
  return bits;
}

/** May the value of a secret variable be searched for everywhere without blacking out ordinary words? */
export function isSearchable(value: string): boolean {
  if (value.length < 6 || value.length > 65_536) return false;
  if (isPlain(value)) return false;
  if (isNumber(value) && value.length < 8) return false;
  return new Set(value).size >= 3;
}
