const SHOWN = '[redacted]'

/** Characters of one word that are looked at; the rest is left out, for it is not shown either. */
const WORD_CHARS_MAX = 4_096
/** Commands inside commands (`sh -c "sudo sh -c '…'"`) that are looked into. */
const DEPTH_MAX = 4

// Names of what holds a secret, anywhere in the name of an option, a variable or a key.
const SECRET = 'pass(?:word|wd|phrase|code)?|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|credentials?'
const SECRET_NAME = new RegExp(
  `(?:^|[-_.])(?:${SECRET}|pwd|auth)(?:$|[-_.\\d])|(?:password|passwd|secret|token|apikey)`,
  'i',
)
// What follows such a name is no secret itself.
const HARMLESS_NAME = /(?:file|stdin|path|prompt|command|cmd|type|name|env|length|policy)$/i

/** Options with one letter whose value is a secret, by program; `glued` ones take no blank in between. */
const SHORT: readonly { readonly program: RegExp; readonly spaced: RegExp; readonly glued: RegExp }[] = [
  { program: /^(?:mysql|mariadb)/, spaced: /^$/, glued: /^(-p)(.+)$/ },
  { program: /^sshpass$/, spaced: /^-p$/, glued: /^(-p)(.+)$/ },
  {
    program: /^(?:docker|podman|buildah|skopeo|nerdctl|az|mongo(?:sh|dump|restore)?)$/,
    spaced: /^-p$/,
    glued: /^(-p)(.+)$/,
  },
  { program: /^ldap/, spaced: /^-w$/, glued: /^(-w)(.+)$/ },
  { program: /^redis-cli$/, spaced: /^-a$/, glued: /^(-a)(.+)$/ },
  { program: /^(?:zip|unzip|sqlcmd|bcp|ipmitool|mosquitto_\w+)$/, spaced: /^-P$/, glued: /^(-P)(.+)$/ },
  { program: /^7z[ar]?$/, spaced: /^$/, glued: /^(-p)(.+)$/ },
  { program: /^(?:useradd|usermod)$/, spaced: /^-p$/, glued: /^(-p)(.+)$/ },
  { program: /^snmp/, spaced: /^-[cAX]$/, glued: /^(-[cAX])(.+)$/ },
  { program: /^openssl$/, spaced: /^-(?:k|K|pass|passin|passout|passwd)$/, glued: /^()$/ },
]

/** Options whose value is `user:password`. */
const USER_OPTION = /^(?:-u|-U|--user|--proxy-user|-a|--auth|-A)$/
const USER_PROGRAM = /^(?:curl|http|https|httpie|ab|lftp|wget)$/

/** Secrets that show themselves wherever they stand. */
const SELF_EVIDENT: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g, SHOWN],
  // RFC 3986: user:password before the last @ of the authority.
  [/\b([a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@'"]*):[^\s/]*@/gi, `$1:${SHOWN}@`],
  [
    /\b((?:proxy-)?authorization|(?:set-)?cookie|private-token|x-[\w-]{0,40}(?:token|key|auth|secret)[\w-]{0,40})(\s*:\s*)[^'"\r\n]+/gi,
    `$1$2${SHOWN}`,
  ],
  [/\b(bearer\s+)[^\s'"]+/gi, `$1${SHOWN}`],
  [/\b(?:AKIA|ASIA|AGPA|AROA|ANPA)[A-Z0-9]{12,}/g, SHOWN],
  [/\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|npm_|sk-|SG\.|ya29\.|AIza)[\w.-]{16,}/g, SHOWN],
  [/\beyJ[\w-]{8,1000}\.[\w-]{8,2000}\.[\w-]*/g, SHOWN],
  [/\b(pass:)[^\s'"]+/g, `$1${SHOWN}`],
]

// `password=…`, `"token": "…"`, `?api_key=…&`, `SECRET='…'` inside any text. Lengths are bounded, so that no text takes long.
const KEY_AND_VALUE = /([\w.-]{1,64})(["']?\s{0,4}[=:]\s{0,4})("[^"]*"?|'[^']*'?|[^\s,;&'"}]+)/g

/**
 * A command line in one line of text: words that need it in quotes, as a shell would take them, and secrets replaced by
 * `[redacted]`. Secrets are known by their place (`--password X`, `PASSWORD=X`, `mysql -pX`, `curl -u user:X`,
 * `https://user:X@host`, `Authorization: X`) or by their form (keys of AWS, GitHub and others, private keys). A secret in
 * another place stays: this is a net, not a wall.
 */
export function redactCommandLine(words: readonly string[]): string {
  return redactWords(
    words.map((word) => word.slice(0, WORD_CHARS_MAX)),
    0,
  )
    .map(quoted)
    .join(' ')
}

/** The same for a command line that is one text already: what parts its words stays as it is. */
export function redactCommandLineText(text: string): string {
  return redactInside(text.slice(0, WORD_CHARS_MAX), 0)
}

function redactWords(words: readonly string[], depth: number): string[] {
  const shown: string[] = []
  let program = ''
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? ''
    const next = words[at + 1]
    if (!word.startsWith('-')) program = programOf(word) ?? program
    if (next !== undefined && takesSecret(word, program, next)) {
      shown.push(word, SHOWN)
      at += 1
    } else if (next !== undefined && takesUser(word, program)) {
      shown.push(word, next.replace(/:[\s\S]*/, `:${SHOWN}`))
      at += 1
    } else shown.push(redactWord(word, program, depth))
  }
  // htpasswd -b file user password: the last word is the secret.
  if (program === 'htpasswd' && words.some((word) => /^-\w*b/.test(word)) && shown.length > 1)
    shown[shown.length - 1] = SHOWN
  return shown
}

function programOf(word: string): string | undefined {
  const name = unquoted(word.slice(word.lastIndexOf('/') + 1))
  const isKnown = SHORT.some((each) => each.program.test(name)) || USER_PROGRAM.test(name) || name === 'htpasswd'
  return isKnown ? name : undefined
}

function takesSecret(word: string, program: string, next: string): boolean {
  if (SHORT.some((each) => each.program.test(program) && each.spaced.test(word) && word !== '')) return true
  if (!/^--?[a-z]/i.test(word) || /[=\s]/.test(word)) return false
  const name = word.replace(/^-+/, '')
  // `-a` and the like are no names; a password that is asked for (`mysql --password --host x`) is followed by an option.
  return name.length > 2 && SECRET_NAME.test(name) && !HARMLESS_NAME.test(name) && !/^--[a-z][a-z-]*(?:=|$)/.test(next)
}

function takesUser(word: string, program: string): boolean {
  return USER_OPTION.test(word) && USER_PROGRAM.test(program)
}

function redactWord(word: string, program: string, depth: number): string {
  const short = SHORT.find((each) => each.program.test(program) && each.glued.test(word))
  if (short !== undefined) return word.replace(short.glued, `$1${SHOWN}`)
  if (USER_PROGRAM.test(program) && /^-u[^:]*:/.test(word)) return word.replace(/:[\s\S]*/, `:${SHOWN}`)
  const assigned = assignedSecret(word)
  if (assigned !== undefined) return assigned
  let text = word
  for (const [pattern, replacement] of SELF_EVIDENT) text = text.replace(pattern, replacement)
  text = text.replace(KEY_AND_VALUE, (whole, name: string, sign: string, value: string) =>
    isSecretName(name) ? `${name}${sign}${hidden(value)}` : whole,
  )
  return /\s/.test(text) && depth < DEPTH_MAX ? redactInside(text, depth + 1) : text
}

/** `--token=…`, `PGPASSWORD=…`: everything behind the sign is the secret, blanks and quotes included. */
function assignedSecret(word: string): string | undefined {
  const found = /^(-{0,2}[A-Za-z_][\w.-]{0,100})=([\s\S]+)$/.exec(word)
  const name = found?.[1]
  return name !== undefined && isSecretName(name) ? `${name}=${SHOWN}` : undefined
}

function isSecretName(name: string): boolean {
  return (SECRET_NAME.test(name) || /(?:pass|pwd)$/i.test(name)) && !HARMLESS_NAME.test(name)
}

/** A word that is a command itself: its words by the same rules, the blanks between them kept. */
function redactInside(text: string, depth: number): string {
  const pieces = piecesOf(text)
  const shown = redactWords(
    pieces.map(({ from, to }) => text.slice(from, to)),
    depth,
  )
  let result = ''
  let end = 0
  for (const [index, { from, to }] of pieces.entries()) {
    result += text.slice(end, from) + (shown[index] ?? '')
    end = to
  }
  return result + text.slice(end)
}

/** Where the words of a command are: blanks part them, except in quotes. A quote that is not closed goes to the end. */
function piecesOf(text: string): { readonly from: number; readonly to: number }[] {
  const pieces: { from: number; to: number }[] = []
  let from = -1
  let quote = ''
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? ''
    if (quote === '' && /\s/.test(character)) {
      if (from >= 0) pieces.push({ from, to: at })
      from = -1
      continue
    }
    if (from < 0) from = at
    if (character === '\\' && quote !== "'") at += 1
    else if (quote === character) quote = ''
    else if (quote === '' && (character === '"' || character === "'")) quote = character
  }
  if (from >= 0) pieces.push({ from, to: text.length })
  return pieces
}

function hidden(value: string): string {
  const quote = /^["']/.exec(value)?.[0] ?? ''
  return `${quote}${SHOWN}${quote}`
}

function unquoted(word: string): string {
  return word.replaceAll(/["']/g, '')
}

function quoted(word: string): string {
  if (/^[\w@%+=:,./[\]~^-]+$/.test(word)) return word
  const visible = word.replaceAll(/[\u0000-\u001f\u007f]/g, (character) => {
    return `\\x${(character.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`
  })
  return `'${visible.replaceAll("'", String.raw`'\''`)}'`
}
