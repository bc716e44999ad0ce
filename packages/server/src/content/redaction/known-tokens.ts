import type { Span } from './span.ts'

/** Beginnings of tokens whose makers gave them one, and how long the whole is at least. */
const BEGINNINGS: readonly (readonly [beginning: RegExp, charsMin: number])[] = [
  [/^(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]/, 20],
  [/^gh[pousr]_/, 24],
  [/^github_pat_/, 24],
  [/^gl(?:pat|dt|rt|ptt|soat)-/, 20],
  [/^xox[a-z]-/, 14],
  [/^xapp-/, 14],
  [/^AIza/, 35],
  [/^ya29\./, 20],
  [/^GOCSPX-/, 20],
  [/^[srp]k_(?:live|test)_/, 20],
  [/^sk-/, 24],
  [/^npm_/, 36],
  [/^pypi-/, 24],
  [/^do[opr]_v1_/, 24],
  [/^SG\./, 24],
  [/^hv[sbr]\./, 20],
  [/^AGE-SECRET-KEY-/, 24],
  [/^tm_[a-z]+_/, 24],
]

/** What stands anywhere in a line and is a secret by its own looks: tokens, hashes of passwords, JSON web tokens, URLs. */
export function knownTokens(line: string): Span[] {
  return [...prefixed(line), ...passwordHashes(line), ...hashFields(line), ...urlSecrets(line)]
}

function* prefixed(line: string): Generator<Span> {
  // One class and no more: linear, whatever the line is.
  for (const { 0: word, index } of line.matchAll(/[A-Za-z0-9_.-]+/g)) {
    if (word.length < 14) continue
    const start = word.startsWith('-') ? word.length - word.replace(/^-+/, '').length : 0
    const token = word.slice(start, start + 40)
    const isKnown = BEGINNINGS.some(([beginning, least]) => word.length - start >= least && beginning.test(token))
    if (isKnown || isWebToken(word.slice(start))) yield { start: index + start, end: index + word.length }
  }
}

/** RFC 7519: three parts of base64url, of which the first is a JSON object. */
function isWebToken(word: string): boolean {
  if (!word.startsWith('eyJ') || word.length < 40) return false
  const first = word.indexOf('.')
  return first > 10 && word.indexOf('.', first + 1) > first + 5
}

/** crypt(5), htpasswd, LDAP and PostgreSQL. */
const HASH =
  /\$(?:1|2|2[abxy]|3|5|6|7|y|gy|md5|sha1|apr1|argon2(?:i|d|id)|scrypt|pbkdf2[a-z0-9-]{0,20}|bcrypt-sha256)\$[A-Za-z0-9./$=,+-]{8,}|\{(?:S?SHA(?:256|384|512)?|S?MD5|CRYPT|PBKDF2[A-Z0-9-]{0,20}|ARGON2)\}[A-Za-z0-9./$=,+-]{8,}|SCRAM-SHA-256\$[A-Za-z0-9/+=:$]{8,}/g

function* passwordHashes(line: string): Generator<Span> {
  for (const { 0: hash, index } of line.matchAll(HASH)) yield { start: index, end: index + hash.length }
}

/** Characters of a line of shadow(5), gshadow(5), passwd(5) or htpasswd at most. */
const ACCOUNT_LINE_CHARS_MAX = 2_048

/** The second field of a line that looks like one of an account, where it is a hash without `$`: DES has 13 characters. */
function* hashFields(line: string): Generator<Span> {
  if (line.length > ACCOUNT_LINE_CHARS_MAX) return
  const fields = line.trimEnd().split(':')
  const [name = '', hash = '', ...others] = fields
  if (!/^[\w.@-]{1,64}\$?$/.test(name)) return
  const isShadow = fields.length === 9 && others.every((field) => /^\d*$/.test(field))
  const isSecret = isShadow
    ? !/^(?:|[!*x]+|!+\*)$/.test(hash)
    : [2, 4, 7].includes(fields.length) &&
      /^!?[./0-9A-Za-z]{13}$/.test(hash) &&
      /[A-Z]/.test(hash) &&
      /[a-z]/.test(hash)
  if (isSecret) yield { start: name.length + 1, end: name.length + 1 + hash.length }
}

/** Characters of user and password in a URL at most. */
const AUTHORITY_CHARS_MAX = 1_024

/** `scheme://user:password@host`, `https://token@host`, and the secret part of a webhook's address. */
function* urlSecrets(line: string): Generator<Span> {
  for (let at = line.indexOf('://'); at !== -1; at = line.indexOf('://', at + 3)) {
    const rest = line.slice(at + 3, at + 3 + AUTHORITY_CHARS_MAX)
    const authority = /^[^\s/?#"'<>`]*/.exec(rest)?.[0] ?? ''
    const host = authority.lastIndexOf('@')
    const colon = authority.indexOf(':')
    if (host > 0 && colon !== -1 && colon < host) yield { start: at + 4 + colon, end: at + 3 + host }
    else if (host >= 20) yield { start: at + 3, end: at + 3 + host }
    if (authority === 'hooks.slack.com') {
      const path = /^\/services\/[\w/-]+/.exec(rest.slice(authority.length))?.[0] ?? ''
      yield { start: at + 3 + authority.length + '/services/'.length, end: at + 3 + authority.length + path.length }
    }
  }
}
