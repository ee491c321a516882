import { EVERY_KIND, type Finding, type Rule } from "./finding.ts";
import { isPlain } from "./value.ts";

/** Secrets whose own form gives them away. `pattern` is sticky; its group 1, when there is one, is the secret. */
interface Form {
  readonly rule: string;
  readonly words: readonly string[];
  readonly pattern: RegExp;
  /** Words in the letter case given; most issuers' prefixes are. */
  readonly exact?: boolean;
  /** The text may go on to the left: the word stands inside a name. */
  readonly inside?: boolean;
  readonly accept?: (secret: string) => boolean;
}

const hasDigit = (secret: string): boolean => /\d/.test(secret);
const mixed = (secret: string): boolean => /\d/.test(secret) && /[A-Za-z]/.test(secret);
const HEX = "0123456789abcdef".split("");

const FORMS: readonly Form[] = [
  {
    rule: "aws-key",
    words: ["AKIA", "ASIA", "ABIA", "ACCA"],
    pattern: /A(?:KIA|SIA|BIA|CCA)[A-Z0-9]{16}(?![A-Za-z0-9])/y,
  },
  { rule: "github-token", words: ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], pattern: /gh[pousr]_[A-Za-z0-9]{30,255}/y },
  { rule: "github-token", words: ["github_pat_"], pattern: /github_pat_[A-Za-z0-9_]{22,255}/y },
  {
    rule: "gitlab-token",
    words: ["glpat-", "glptt-", "gldt-", "glrt-", "glcbt-", "glsoat-", "glft-", "glimt-", "glagent-"],
    pattern: /gl[a-z]{2,5}-[A-Za-z0-9_.-]{18,300}/y,
  },
  {
    rule: "huggingface-token",
    words: ["hf_"],
    pattern: /hf_[A-Za-z0-9]{30,100}/y,
    accept: (s) => /[A-Z]/.test(s) || hasDigit(s),
  },
  { rule: "huggingface-token", words: ["api_org_"], pattern: /api_org_[A-Za-z0-9]{30,60}/y },
  { rule: "anthropic-key", words: ["sk-ant-"], pattern: /sk-ant-[A-Za-z0-9_-]{16,300}/y },
  {
    rule: "openai-key",
    words: ["sk-"],
    pattern: /sk-(?:proj-|svcacct-|admin-|or-v1-|lf-)?[A-Za-z0-9_-]{20,300}/y,
    accept: mixed,
  },
  {
    rule: "stripe-key",
    words: ["sk_live_", "sk_test_", "rk_live_", "rk_test_", "whsec_"],
    pattern: /(?:[sr]k_(?:live|test)|whsec)_[A-Za-z0-9+/=]{16,255}/y,
  },
  {
    rule: "slack-token",
    words: ["xoxa-", "xoxb-", "xoxe-", "xoxo-", "xoxp-", "xoxr-", "xoxs-", "xoxe.", "xoxc-", "xoxd-"],
    pattern: /xox[a-z][-.][A-Za-z0-9%._-]{10,400}/y,
  },
  { rule: "slack-token", words: ["xapp-"], pattern: /xapp-\d-[A-Za-z0-9-]{10,300}/y },
  {
    rule: "slack-hook",
    words: ["hooks.slack.com/"],
    pattern: /hooks\.slack\.com\/(?:services|workflows|triggers)\/([A-Za-z0-9/_+-]{20,300})/y,
  },
  {
    rule: "discord-hook",
    words: ["/api/webhooks/"],
    pattern: /\/api\/webhooks\/\d{15,22}\/([A-Za-z0-9_-]{30,120})/y,
    inside: true,
  },
  { rule: "google-key", words: ["AIza"], pattern: /AIza[0-9A-Za-z_-]{35}/y },
  { rule: "google-token", words: ["ya29."], pattern: /ya29\.[0-9A-Za-z_-]{20,400}/y },
  { rule: "google-secret", words: ["GOCSPX-"], pattern: /GOCSPX-[0-9A-Za-z_-]{20,60}/y },
  { rule: "npm-token", words: ["npm_"], pattern: /npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])/y },
  { rule: "pypi-token", words: ["pypi-AgE"], pattern: /pypi-AgE[A-Za-z0-9_-]{20,600}/y },
  { rule: "sendgrid-key", words: ["SG."], pattern: /SG\.[A-Za-z0-9_-]{16,40}\.[A-Za-z0-9_-]{16,80}/y },
  {
    rule: "twilio-key",
    words: HEX.map((digit) => `SK${digit}`),
    pattern: /SK[0-9a-f]{32}(?![A-Za-z0-9])/y,
  },
  { rule: "mailgun-key", words: ["key-"], pattern: /key-[0-9a-f]{32}(?![A-Za-z0-9])/y },
  { rule: "databricks-token", words: ["dapi"], pattern: /dapi[0-9a-f]{32}(?:-\d)?(?![A-Za-z0-9])/y },
  { rule: "digitalocean-token", words: ["dop_v1_", "doo_v1_", "dor_v1_"], pattern: /do[opr]_v1_[0-9a-f]{64}/y },
  { rule: "replicate-token", words: ["r8_"], pattern: /r8_[A-Za-z0-9]{37}(?![A-Za-z0-9])/y },
  { rule: "groq-key", words: ["gsk_"], pattern: /gsk_[A-Za-z0-9]{40,80}/y },
  { rule: "perplexity-key", words: ["pplx-"], pattern: /pplx-[A-Za-z0-9]{40,80}/y },
  { rule: "notion-token", words: ["ntn_"], pattern: /ntn_[A-Za-z0-9]{40,60}/y },
  { rule: "grafana-token", words: ["glsa_", "glc_ey"], pattern: /gl(?:sa|c)_[A-Za-z0-9_+/=]{30,300}/y },
  { rule: "linear-key", words: ["lin_api_"], pattern: /lin_api_[A-Za-z0-9]{32,60}/y },
  { rule: "postman-key", words: ["PMAK-"], pattern: /PMAK-[A-Za-z0-9-]{50,80}/y },
  { rule: "shopify-token", words: ["shpat_", "shpss_", "shpca_"], pattern: /shp(?:at|ss|ca)_[0-9a-fA-F]{32}/y },
  { rule: "doppler-token", words: ["dp.pt.", "dp.st."], pattern: /dp\.(?:pt|st)\.[A-Za-z0-9._-]{30,100}/y },
  { rule: "telegram-token", words: [":AA"], pattern: /:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])/y, inside: true },
  { rule: "jwt", words: ["eyJ"], pattern: /eyJ[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{8,8000}\.[A-Za-z0-9_-]{0,2000}/y },
  { rule: "azure-signature", words: ["sig="], pattern: /sig=([A-Za-z0-9%+/]{40,200}={0,2})/y },
  {
    rule: "wandb-key",
    words: ["wandb"],
    pattern:
      /wandb[^\n]{0,80}?(?:login|key|api|relogin)[^\n]{0,60}?(?<![0-9A-Za-z])([0-9a-f]{40}|wandb_v\d_[A-Za-z0-9_]{40,120})(?![0-9A-Za-z])/dy,
    exact: false,
    inside: true,
  },
  { rule: "wandb-key", words: ["wandb_v1_"], pattern: /wandb_v1_[A-Za-z0-9_]{40,120}/y },
  {
    rule: "bearer",
    words: ["bearer "],
    pattern: /bearer +([A-Za-z0-9._~+/=-]{16,8000})/iy,
    exact: false,
    accept: mixed,
  },
  {
    rule: "basic-auth",
    words: ["basic "],
    pattern: /basic +([A-Za-z0-9+/]{12,2000}={0,2})/iy,
    exact: false,
    accept: (s) => mixed(s) && isUserAndPassword(s),
  },
  {
    rule: "password",
    words: ["--user "],
    pattern: /--user[ =]["']?[^\s:"']{1,80}:([^\s"']{3,200})/y,
    accept: (s) => !isPlain(s),
  },
];

/** Base64 of "user:password". */
function isUserAndPassword(encoded: string): boolean {
  return /^[\x20-\x7e]*:[\x20-\x7e]*$/.test(Buffer.from(encoded, "base64").toString("latin1"));
}

function isWordChar(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57);
}

function ruleOf(form: Form): Rule {
  const exact = form.exact ?? true;
  const look = (text: string, at: number): readonly Finding[] => {
    if (form.inside !== true && at > 0 && isWordChar(text.charCodeAt(at - 1)) && !afterEscape(text, at)) return [];
    form.pattern.lastIndex = at;
    const match = form.pattern.exec(text);
    if (match === null) return [];
    const secret = match[1] ?? match[0];
    if (form.accept !== undefined && !form.accept(secret)) return [];
    const end = at + match[0].length;
    const start = match.indices?.[1]?.[0] ?? end - secret.length;
    return [{ from: at, start, end: start + secret.length, rule: form.rule }];
  };
  return { words: form.words, exact, kinds: EVERY_KIND, look };
}

/** The letter before belongs to an escape: "\nghp_…" in a JSON string. */
function afterEscape(text: string, at: number): boolean {
  return text[at - 2] === "\\" && /[nrt]/.test(text[at - 1] ?? "");
}

export const providerRules: readonly Rule[] = FORMS.map(ruleOf);
