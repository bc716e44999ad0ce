/** Characters of a name at most: what is longer is no name. */
const NAME_CHARS_MAX = 128

const WITHIN = [
  'password',
  'passwd',
  'passphrase',
  'passwort',
  'secret',
  'credential',
  'apikey',
  'accesskey',
  'privatekey',
  'sharedkey',
  'accountkey',
  'authkey',
  'encryptionkey',
  'signingkey',
  'masterkey',
] as const
const AT_END = ['token', 'tokens', 'pwd', 'pass', 'psk', 'pw'] as const
const WHOLE: ReadonlySet<string> = new Set([
  'sig',
  'masterauth',
  'requirepass',
  'erlangcookie',
  'rocommunity',
  'rwcommunity',
  'wepkey',
  'wepkey0',
  'wepkey1',
  'wepkey2',
  'wepkey3',
])
/** Words that end so only look like it: `bypass`, `compass`. */
const NO_PASSWORD = /(?:by|com|tres|under|over|sur)pass$/
/** What follows is something about a secret, and none: `password_file`, `token_ttl`, `PasswordAuthentication`. */
const ABOUT_ONE =
  /(?:file|files|path|dir|ttl|length|len|timeout|expiry|expires|expiration|age|days|min|max|policy|url|uri|endpoint|type|name|count|limit|command|cmd|algorithm|authentication|required|enabled|prompt|hint|field|header|ref|mode|format|size|keyid|version|provider|class|rounds|lifetime|period|interval|warn|changed|attempts|retries|tries)$/

/** Whether the value of this name is most likely a secret: `DB_PASSWORD`, `client-secret`, `spring.mail.password`. */
export function isSecretName(word: string): boolean {
  if (word.length > NAME_CHARS_MAX) return false
  const name = word.toLowerCase().replace(/[_.-]/g, '')
  if (WHOLE.has(name)) return true
  const isOne =
    WITHIN.some((part) => name.includes(part)) || (AT_END.some((end) => name.endsWith(end)) && !NO_PASSWORD.test(name))
  return isOne && !ABOUT_ONE.test(name)
}

const SPACED: ReadonlySet<string> = new Set([
  'requirepass',
  'masterauth',
  'rootpw',
  'bindpw',
  'bindpasswd',
  'wpa-psk',
  'wpa-passphrase',
  'rocommunity',
  'rwcommunity',
])

/** Whether a value follows this name after a blank alone: settings of redis, slapd, interfaces(5), snmpd; options. */
export function isSpacedName(word: string): boolean {
  return SPACED.has(word.toLowerCase()) || /^--?[A-Za-z]/.test(word)
}

/** Words that only say that what follows it is meant for a secret: `null`, `${DB_PASSWORD}`, `{{ password }}`. */
const HARMLESS =
  /^(?:null|none|nil|undefined|true|false|yes|no|on|off|\*+|x|!+|~|\$\{\w+\}|\$[A-Z_][A-Z0-9_]*|%\(\w+\)s|\{\{ ?[\w. ]+ ?\}\}|<[\w -]+>)$/i
const HARMLESS_CHARS_MAX = 64

/** Whether a value says nothing that had to be hidden. */
export function isHarmless(name: string, value: string): boolean {
  if (value === '') return true
  if (value.length > HARMLESS_CHARS_MAX) return /^(?:pwd|oldpwd)$/i.test(name) && value.startsWith('/')
  if (HARMLESS.test(value)) return true
  // nsswitch.conf(5), the shell's working folder, and counts of language models' tokens.
  if (/^passwd$/i.test(name)) return /^(?:files|compat|db|nis|sss|systemd|ldap|winbind|cache)\b/.test(value)
  if (/^(?:old)?pwd$/i.test(name)) return value.startsWith('/')
  return /tokens$/i.test(name) && /^\d+$/.test(value)
}
