/**
 * Which names promise a secret. `strong`: whatever stands there is one; `weak`: only when it looks drawn at random;
 * null: names of machine learning and everyday words that merely contain "key", "token" or "pass".
 */
type Suspicion = "strong" | "weak" | null;

export interface NameVerdict {
  readonly suspicion: Suspicion;
  /** Part of the marker: key, token, secret, password, credential, auth, dsn, cookie. */
  readonly rule: string;
}

/** Words that any suspicious name contains: what the matcher looks for. */
export const NAME_WORDS = ["key", "token", "secret", "pass", "pwd", "cred", "auth", "dsn", "cookie"] as const;

const set = (words: string): ReadonlySet<string> => new Set(words.trim().split(/\s+/));

/** After the secret word: the name is about it and does not hold it (key_size, token_type, password_file). */
const ABOUT = set(`
  size sizes dim dims type types mode method methods url uri urls host port provider enabled enable backend domain scheme
  file files filename path paths dir folder name names user username class timeout header headers length len count
  counts level format index idx pos position positions required expiry expires ttl usage limit budget rate per ratio
  mask masks embedding embeddings embed embeds prob probs logits loss weight weights value values heads head states
  padding mixer mixing shift drop dropout pruning merging classification classifier env var prefix suffix separator sep
  field column columns strategy policy manager store storage getter handler error errors sock socket bits map hash
  encoding iterations algorithm algo version kind state through over by word words id ids list lists dict error func fn
  layer layers proj projection bias cache features num number norm scale order sort exchange press board stroke strokes
  frame frames points signature generation rotation tokens accuracy flag event events code pattern regex string lexer parser
  re null indicator
`);
/** Before "key". */
const PLAIN_KEY = set(`
  primary foreign sort sorting cache hash public dict lookup partition group grouping index order row column col num n
  attn attention query value head kv rng prng random metric state param params config map hot short unique join search
  data label feature target loss monitor per by this each dataset split field image text input output batch arrow enter
  escape tab any no missing unexpected first last every sub super major minor parent natural composite candidate fold
  seed jax log out in module layer mask past qkv cross self ctrl alt shift node edge
`);
const SECRET_KEY = set(`
  api secret access private account auth encryption encrypt signing sign service storage shared master ssh deploy
  subscription app application client consumer admin root webhook aws gcp azure openai anthropic wandb hf neptune comet
  stripe sendgrid mailgun twilio datadog dd sentry license rsa pgp gpg ssl tls session cookie django flask jwt kaggle
  google cohere mistral groq together replicate pinecone tavily serper gemini x
`);
/** Beside "token": language models. */
const PLAIN_TOKEN = set(`
  cls pad padding eos bos unk sep mask num max min memory new n image img video audio special extra len length word next
  prev first last start end stop begin sos eot text sub char byte prompt completion input output total per patch class
  register latent query vision visual distill dist add added skip label target think tool role system generated
  context ctx dummy side fim prefix suffix middle lang language decoder encoder forced blank additional nb speaker
  eof comment operator keyword literal whitespace punctuation current each every single sentence document doc unknown separator boundary newline line
`);
/** Before "pass". */
const PLAIN_PASS = set(`
  forward backward first second third single multi two one by num n low high band all pre per this each full fast slow
  last next did tests test checks does will compass bypass backprop bw fw training train eval epoch
`);
/** After a word that alone would not be enough: AWS_ACCESS_KEY_ID. */
const JOINED =
  /^(?:.*(?:api|access|secret|private|account|auth|ssh|encryption|shared)keys?|.*(?:auth|access|api|bearer|refresh|session|bot)token)$/;

const known = new Map<string, NameVerdict>();
const NOTHING: NameVerdict = { suspicion: null, rule: "" };

export function judgeName(name: string): NameVerdict {
  let verdict = known.get(name);
  if (verdict === undefined) {
    verdict = judge(wordsOf(name));
    if (known.size > 10_000) known.clear();
    known.set(name, verdict);
  }
  return verdict;
}

/** camelCase, snake_case, kebab-case and dotted names in lower-case words. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}

function judge(words: readonly string[]): NameVerdict {
  for (let i = words.length - 1; i >= 0; i--) {
    const word = words[i] ?? "";
    const verdict = judgeWord(word, words, i);
    if (verdict.suspicion === null) continue;
    const after = words.slice(i + 1);
    // The access key's id is half of the pair; every other "about" word tells that the secret is elsewhere.
    const aboutIt = after.some((next) => ABOUT.has(next)) && !(word === "key" && words[i - 1] === "access");
    return aboutIt ? NOTHING : verdict;
  }
  return NOTHING;
}

function judgeWord(word: string, words: readonly string[], i: number): NameVerdict {
  const before = words[i - 1] ?? "";
  const others = words.filter((_, index) => index !== i);
  if (/^[a-z]*secret(?:s|key|token|access|value|phrase)?$/.test(word)) return strong("secret");
  if (
    /passw(?:or)?ds?$|^passw|passphrase|passwort|^(?!cwd)pwd$|(?:db|sql|user|root|my|smtp|ftp)(?:pass|pwd)$/.test(word)
  )
    return words.length === 1 && word === "pwd" ? NOTHING : strong("password");
  if (/^creds?$|^credentials?$/.test(word)) return strong("credential");
  if (word === "dsn") return strong("dsn");
  if (/^cookies?$|cookie$/.test(word)) return strong("cookie");
  if (/^(?:o?auth2?|authorization|xauth)$/.test(word)) return strong("auth");
  if (JOINED.test(word)) return strong(word.includes("token") ? "token" : "key");
  if (word === "pass")
    return i < words.length - 1 || others.some((other) => PLAIN_PASS.has(other)) ? NOTHING : strong("password");
  if (word === "token")
    return others.includes("public") || others.some((other) => PLAIN_TOKEN.has(other)) ? NOTHING : strong("token");
  if (word === "key" || word === "keys") {
    if (before === "public" || words[i - 2] === "public") return NOTHING;
    if (SECRET_KEY.has(before)) return strong("key");
    return others.some((other) => PLAIN_KEY.has(other)) ? NOTHING : { suspicion: "weak", rule: "key" };
  }
  return NOTHING;
}

function strong(rule: string): NameVerdict {
  return { suspicion: "strong", rule };
}

/** Names of environment variables whose value is searched for everywhere: here "key" alone is enough. */
export function isSecretVariable(name: string): boolean {
  if (name === "PWD" || name === "OLDPWD") return false;
  return judgeName(name).suspicion !== null;
}
