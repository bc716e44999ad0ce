// Goal: no secret of any known form is shown, lines stay lines, and no text takes long.
// Method: a table of forms with made-up secrets; texts of every Linux that must stay as they are; fast-check puts random
// secrets into the forms and random text around them; long lines against a time that quadratic work would miss by far.
// Mutants that the tests killed: KEY_LINES_MAX of 1, no `carried` for block scalars, `indexOf('}')` without `passed`.
import { createHash } from 'node:crypto'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { redactSecrets } from './redact-secrets.ts'

const key = Buffer.alloc(32, 7)
const redacted = (text: string) => redactSecrets(text, key)
const S = 'hunter2-Tr0ub4dor'
const CRYPT = '$6$rounds=5000$abcdefgh$JvMuGzbDDZ0sN1lvYSRP5v3p0F1Jk4xkQeOa9Vv0oXqWfUT1'
const PEM = [
  '-----BEGIN RSA PRIVATE KEY-----',
  'MIIEpAIBAAKCAQEA7',
  'c2VjcmV0c2VjcmV0',
  '-----END RSA PRIVATE KEY-----',
]

/** Forms with `%` for the secret. */
const forms: readonly string[] = [
  'password=%',
  'PASSWORD = %',
  'export DB_PASSWORD=%',
  "$cfg['blowfish_secret'] = '%';",
  "define('DB_PASSWORD', '%');",
  'dbPassword: %',
  '  - password: "%"',
  '"password": "%",',
  '{"a":1,"client_secret":"%","b":2}',
  '{"name":"DB_PASSWORD","value":"%"}',
  '- name: API_TOKEN\n  value: %',
  '<property name="password" value="%"/>',
  '<name>fs.s3a.secret.key</name>\n<value>%</value>',
  '<password>%</password>',
  '<Password encrypted="no">%</Password>',
  'spring.datasource.password=%',
  'server=db;uid=me;pwd=%;database=x',
  'host=db password=% dbname=x',
  'DefaultEndpointsProtocol=https;AccountName=x;AccountKey=%;EndpointSuffix=y',
  'curl -H "X-Api-Key: %" https://example.org',
  'mysql --password=% -u root',
  'mysqldump --password % db',
  'requirepass %',
  'machine example.org login me password %',
  'machine example.org\n  login me\n  password %',
  'passwd/root-password password %',
  'wpa-psk %',
  '\tpsk="%"',
  'wep_key0=%',
  ': PSK "%"',
  'PresharedKey = %',
  'aws_secret_access_key = %',
  'Authorization: Basic %',
  '"Authorization": "Bearer %"',
  'proxy_set_header Authorization "Bearer %";',
  'https://user:%@example.org/path?x=1',
  'postgres://me:%@db:5432/x',
  'https://example.org/blob?sv=1&sig=%&se=2',
  'token: |\n  %\n  %\nother: yes',
  'password: >-\n    %\nuser: me',
  'secret="%\n%"\nother=1',
  'PASSWORD=abc\\\n%\nother=1',
  'tokens:\n  - %\n  - %\nother: yes',
  '"tokens": [\n  "%"\n]',
  "password: '%' # comment",
  'credentials = """%"""',
  '\\"password\\":\\"%\\"',
]

describe('a secret is not shown', () => {
  test.each(forms)('in %s', (form) => {
    const text = form.replaceAll('%', S)
    const { text: shown, count } = redacted(text)
    expect(shown).not.toContain(S)
    expect(shown).toMatch(/\[redacted [0-9a-f]{4}\]/)
    expect(count).toBeGreaterThan(0)
    expect(shown.split('\n')).toHaveLength(text.split('\n').length)
  })

  test.each([
    `root:${CRYPT}:19000:0:99999:7:::`,
    `root:!${CRYPT}:19000:0:99999:7:::`,
    'old:ab0DEfghIJkl.:19000:0:99999:7:::',
    'me:$apr1$abcdefgh$0123456789abcdefghijk/',
    'me:{SHA}0DPiKuNIrrVmD8IUCuw1hQxNqZc=',
    'wheel:$5$abcdefgh$0123456789abcdefghijk:root:me',
    'hash: $2y$10$abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRST',
    'x $y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7',
    'me SCRAM-SHA-256$4096:abcdefghijkl==$mnopqrstuvwx=:yz0123456789=',
    'x = "ghp_0123456789abcdefABCDEF0123456789abcd"',
    'x = "github_pat_11ABCDEFG0123456789_abcdefghijklmnop"',
    'xoxb-123456789012-abcdefghijkl',
    'https://hooks.slack.com/services/T0000/B0000/abcdefghijkl',
    'AKIAIOSFODNN7EXAMPLE is the id',
    'AIzaSyA0123456789abcdefghijklmnopqrstuvwx',
    'glpat-0123456789abcdefghij',
    'go: eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U',
    'https://0123456789abcdef0123456789@github.com/x/y.git',
    'tm_admin_0123456789abcdefghijklmnopqrstuvwxyz',
  ])('that is known by its looks: %s', (text) => {
    const { text: shown, count } = redacted(text)
    expect(count).toBe(1)
    expect(shown).not.toMatch(/[A-Za-z0-9]{12}/)
  })

  test('of a private key, whose lines stay as many', () => {
    const text = ['a = 1', ...PEM, 'b = 2', ''].join('\n')
    const shown = redacted(text)
    expect(shown.count).toBe(1)
    const lines = shown.text.split('\n')
    expect(lines).toHaveLength(text.split('\n').length)
    expect([lines[0], lines[1], lines[4], lines[5]]).toEqual(['a = 1', PEM[0], PEM[3], 'b = 2'])
    expect(lines[2]).toMatch(/^\[redacted [0-9a-f]{4}\]$/)
  })

  test.each([
    ['on one line', `"private": "${PEM.join('\\n')}"`],
    ['indented', PEM.map((line) => `    ${line}`).join('\n')],
    ['without an end', PEM.slice(0, 3).join('\n')],
    ['of PuTTY', 'PuTTY-User-Key-File-3: x\nPrivate-Lines: 2\nMIIEpAIBAAKCAQEA7\nc2VjcmV0c2VjcmV0\nPrivate-MAC: 00'],
  ])('of a private key %s', (_how, text) => {
    expect(redacted(text).text).not.toMatch(/MIIEp|c2Vj/)
  })

  test.each([
    [
      'YAML',
      'kind: Secret\nmetadata:\n  name: x\ndata:\n  tls.crt: %\n  user: %\nstringData:\n  config.yaml: |\n    a: %\ntype: Opaque',
    ],
    ['YAML with the kind behind', 'data:\n  anything: %\nkind: Secret'],
    ['JSON', '{\n  "kind": "Secret",\n  "data": {\n    "user": "%"\n  }\n}'],
    ['JSON on one line', '{"kind":"Secret","data":{"user":"%","x":"%"},"type":"Opaque"}'],
  ])('of Kubernetes in %s', (_how, text) => {
    const shown = redacted(text.replaceAll('%', S)).text
    expect(shown).not.toContain(S)
    expect(shown).toMatch(/Secret[^]*/)
  })

  test('of Kubernetes ends with its document', () => {
    const text = 'kind: Secret\ndata:\n  user: aGFsbG8=\n---\nkind: ConfigMap\ndata:\n  colour: blue'
    expect(redacted(text).text).toMatch(
      /user: \[redacted [0-9a-f]{4}\]\n---\nkind: ConfigMap\ndata:\n {2}colour: blue$/,
    )
  })
})

test.each([
  'passwd:         files systemd\ngroup:          files systemd\nshadow:         files',
  'password\t[success=1 default=ignore]\tpam_unix.so obscure yescrypt\npassword requisite pam_deny.so',
  'PermitRootLogin prohibit-password\nPasswordAuthentication no\nPermitEmptyPasswords no\n#IgnoreRhosts yes',
  'PASS_MAX_DAYS\t99999\nPASS_MIN_DAYS\t0\nENCRYPT_METHOD YESCRYPT',
  'root:x:0:0:root:/root:/bin/bash\ndaemon:*:19000:0:99999:7:::\nsshd:!:19000::::::',
  'password_file = /run/secrets/db\ntoken_ttl: 3600\nssl_passphrase_command = x\nmax_tokens: 4096',
  'password: ${DB_PASSWORD}\nsecret: {{ vault.secret }}\n"token": null,\npassword=\npassword: ""',
  'PWD=/root\nbypass = true\ncompass: north\nauthorization: required\nbearer of news',
  '-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBa\n-----END CERTIFICATE-----',
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0 me@example.org\nhttps://example.org/a?b=c@d',
  'kind: ConfigMap\ndata:\n  colour: blue',
  '127.0.0.1 localhost\n10 1 * * * root test -x /usr/sbin/anacron || run-parts --report /etc/cron.daily',
])('what holds no secret stays as it is: %s', (text) => {
  expect(redacted(text)).toEqual({ text, count: 0 })
})

test('a changed secret is seen as changed, the same one as the same, and under another key as something else', () => {
  const markOf = (text: string, with_ = key): string => redactSecrets(text, with_).text
  expect(markOf('password=one')).toBe(markOf('password=one'))
  expect(markOf('password=one')).not.toBe(markOf('password=two'))
  expect(markOf('password=one')).not.toBe(markOf('password=one', Buffer.alloc(32, 8)))
  expect(markOf('a\r\npassword=one\r\nb')).toMatch(/^a\r\npassword=\[redacted [0-9a-f]{4}\]\r\nb$/)
})

test('any secret in any form, with any text around it, is hidden, and no line is lost', () => {
  const around = fc.array(fc.oneof(fc.string(), fc.constantFrom('a: 1', '[x]', '', '# it', '{', '}')), { maxLength: 5 })
  const secret = fc.stringMatching(/^[A-Za-z0-9]{20,40}$/)
  fc.assert(
    fc.property(around, secret, fc.constantFrom(...forms), around, (before, one, form, after) => {
      // Control characters end lines for nobody but the eye; quotes left open above would only hide more.
      const text = [...before, form.replaceAll('%', `S${one}`), ...after].join('\n')
      const shown = redacted(text).text
      const opens = before.some((line) => /["'`]|kind|\\|BEGIN/.test(line))
      if (!opens) expect(shown).not.toContain(one)
      expect(shown.split('\n')).toHaveLength(text.split('\n').length)
    }),
  )
})

test('any text at all gives a text of as many lines', () => {
  const words = fc.constantFrom(
    'password',
    '=',
    ':',
    '"',
    "'",
    '[',
    '{',
    '|',
    '\n',
    ' ',
    '-----BEGIN PRIVATE KEY-----',
    '<',
    '>',
    '://',
    '@',
    'kind: Secret',
    'data:',
    '\\',
    '\r',
    '- ',
    'value',
    'name',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(words).map((all) => all.join('')),
      ),
      (text) => {
        expect(redacted(text).text.split('\n')).toHaveLength(text.split('\n').length)
      },
    ),
  )
})

// Half a megabyte takes some 100 ms; work that grows with the square of it would take minutes.
describe('takes no longer than its length', () => {
  const MS_MAX = 10_000
  const M = 500_000
  const fill = (piece: string): string => piece.repeat(Math.ceil(M / piece.length))
  test.each([
    'a',
    ' ',
    '"',
    '\\',
    '=',
    ':',
    '.',
    '-',
    '$1$',
    '://',
    '://a:b',
    '://a@',
    'password',
    'password=',
    'password="',
    'password ',
    "password='",
    'password:[',
    '<password>',
    '<password ',
    '"data":{',
    '-----BEGIN PRIVATE KEY-----',
    '-----BEGIN ',
    'bearer ',
    'authorization: ',
    'eyJ',
    'login ',
    'login password ',
    'name: password ',
    'value: ',
    '{{',
    '${',
    '[redacted ',
    `password${' '.repeat(300)}`,
    `"kind"${' '.repeat(300)}`,
    '{SHA}',
    '$pbkdf2-',
    'A1',
    'password: |',
    'ghp_',
    'set ',
  ])('a line of %j', (piece) => {
    for (const text of [fill(piece), `"kind":"Secret" ${fill(piece)}`, fill(`${piece}\n`)]) {
      const startedMs = performance.now()
      redacted(text)
      expect(performance.now() - startedMs).toBeLessThan(MS_MAX)
    }
  })

  test('and so do hex and base64', () => {
    const noise = Array.from({ length: 16_000 }, (_, index) => createHash('sha256').update(String(index)).digest())
    const startedMs = performance.now()
    for (const how of ['hex', 'base64'] as const) redacted(noise.map((bytes) => bytes.toString(how)).join(''))
    expect(performance.now() - startedMs).toBeLessThan(MS_MAX)
  })
})
