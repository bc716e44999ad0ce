import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Contestant, Ground } from './contestant.ts'
import { quoted, runPlain } from './process.ts'

type Program = { readonly path: string; readonly env: Readonly<Record<string, string>> }

/** AIDE with what we record, too, and SHA-256; one worker, as its manual says is the default. */
export function aide({ tree, folder }: Ground, { path, env }: Program): Contestant {
  const config = join(folder, 'aide.conf')
  const attributes = 'p+ftype+i+l+n+u+g+s+m+c+acl+selinux+xattrs+e2fsattrs+caps+sha256'
  const lines = [
    `database_in=file:${folder}/aide.db`,
    `database_out=file:${folder}/aide.db.new`,
    'gzip_dbout=no',
    `${tree} ${attributes}`,
  ]
  writeFileSync(config, `${lines.join('\n')}\n`)
  const words = [path, `--config=${config}`]
  return {
    name: 'aide',
    steps: [
      { work: 'baseline', what: 'aide --init', words: [...words, '--init'], env, codes: [0] },
      {
        work: 'rescan',
        what: 'aide --check',
        words: [...words, '--check'],
        env,
        codes: [0],
        prepare: () => moveIfThere(`${folder}/aide.db.new`, `${folder}/aide.db`),
      },
    ],
    // aide(1): 1 new, 2 removed, 4 changed files, added up; from 14 on errors.
    sees: ({ code }) => code > 0 && code < 8,
  }
}

/** integrit, which knows one checksum: SHA-1. */
export function integrit({ tree, folder }: Ground, { path, env }: Program): Contestant {
  const config = join(folder, 'integrit.conf')
  writeFileSync(config, `root=${tree}\nknown=${folder}/known.cdb\ncurrent=${folder}/current.cdb\n`)
  const words = [path, '-C', config]
  return {
    name: 'integrit',
    steps: [
      { work: 'baseline', what: 'integrit -u (SHA-1)', words: [...words, '-u'], env, codes: [0] },
      {
        work: 'rescan',
        what: 'integrit -c -u (SHA-1)',
        // Without -u it does not look for what is gone.
        words: [...words, '-c', '-u'],
        env,
        codes: [0],
        prepare: () => moveIfThere(`${folder}/current.cdb`, `${folder}/known.cdb`),
      },
    ],
    sees: ({ code }) => code === 1,
  }
}

/** Tripwire with its strongest common checksum: SHA-1, as it has no SHA-2. Its keys are made first, not measured. */
export function tripwire({ tree, folder, programs }: Ground, { path, env }: Program): Contestant {
  const admin = programs.find('twadmin')?.path ?? 'twadmin'
  const secret = 'tidemark-bench'
  const config = join(folder, 'tw.cfg')
  const settings = {
    ROOT: folder,
    POLFILE: `${folder}/tw.pol`,
    DBFILE: `${folder}/tw.twd`,
    REPORTFILE: `${folder}/report.twr`,
    SITEKEYFILE: `${folder}/site.key`,
    LOCALKEYFILE: `${folder}/local.key`,
    EDITOR: '/bin/true',
    MAILMETHOD: 'SENDMAIL',
    MAILPROGRAM: '/bin/true',
    SYSLOGREPORTING: 'false',
  }
  const text = Object.entries(settings).map(([name, value]) => `${name} =${value}\n`)
  writeFileSync(join(folder, 'twcfg.txt'), text.join(''))
  writeFileSync(join(folder, 'twpol.txt'), `${quotedPath(tree)} -> +pinugtsmcbS ;\n`)
  const site = ['-S', settings.SITEKEYFILE, '-Q', secret]
  const prepare = (...words: string[]): unknown => runPlain({ words: [admin, ...words], env }, { cwd: folder })
  prepare('--generate-keys', ...site, '-L', settings.LOCALKEYFILE, '-P', secret)
  prepare('--create-cfgfile', '-c', config, ...site, 'twcfg.txt')
  prepare('--create-polfile', '-c', config, ...site, 'twpol.txt')
  const init = [path, '--init', '-s', '-c', config, '-P', secret]
  const check = [path, '--check', '-s', '-c', config]
  return {
    name: 'tripwire',
    steps: [
      { work: 'baseline', what: 'tripwire --init (SHA-1)', words: init, env, codes: [0] },
      { work: 'rescan', what: 'tripwire --check (SHA-1)', words: check, env, codes: [0] },
    ],
    // tripwire(8): 1 added, 2 removed, 4 changed, added up; 8 is an error.
    sees: ({ code }) => code > 0 && code < 8,
  }
}

/**
 * samhain, files only. Its configuration's place is built in, so it runs in a mount namespace of its own where `/etc` has
 * one more folder; and it works only below folders that root alone may write to, which `/var/tmp` is not.
 */
export function samhain({ tree, folder }: Ground, { path, env }: Program): Contestant & Disposable {
  const data = mkdtempSync('/var/lib/tidemark-bench-samhain-')
  const upper = join(folder, 'etc')
  mkdirSync(join(upper, 'samhain'), { recursive: true, mode: 0o755 })
  mkdirSync(join(folder, 'work'), { recursive: true })
  const off = ['Utmp LoginCheck', 'PortCheck PortCheck', 'ProcessCheck ProcessCheck', 'SuidCheck SuidCheck']
  const lines = [
    `[ReadOnly]\ndir=99${tree}`,
    '[EventSeverity]\nSeverityReadOnly=crit',
    '[Log]\nPrintSeverity=err',
    ...['Mail', 'Log', 'Syslog', 'Export'].map((each) => `${each}Severity=none`),
    '[Misc]\nDaemon=no\nDigestAlgo=SHA256\nSetFileCheckTime=86400',
    `SetDatabasePath=${data}/db\nSetLogfilePath=${data}/log\nSetLockfilePath=${data}/lock`,
    ...[...off, 'Mounts MountCheck', 'UserFiles Userfiles'].map((each) => {
      const [section, check] = each.split(' ')
      return `[${section}]\n${check}Active=no`
    }),
  ]
  writeFileSync(join(upper, 'samhain', 'samhainrc'), `${lines.join('\n')}\n`, { mode: 0o644 })
  const mount = `mount -t overlay overlay -o ${quoted(`lowerdir=/etc,upperdir=${upper},workdir=${folder}/work`)} /etc`
  const words = (mode: string): string[] => ['unshare', '-m', 'sh', '-c', `${mount} && exec ${path} -t ${mode}`]
  return {
    name: 'samhain',
    steps: [
      {
        work: 'baseline',
        what: 'samhain -t init',
        words: words('init'),
        env,
        codes: [0],
        prepare: () => rmSync(`${data}/db`, { force: true }),
      },
      { work: 'rescan', what: 'samhain -t check', words: words('check'), env, codes: [0] },
    ],
    sees: ({ output }) => output.includes('POLICY [ReadOnly]'),
    [Symbol.dispose]: () => rmSync(data, { recursive: true, force: true }),
  }
}

/** All of them, by their packages' names. */
export const checkers: Readonly<
  Record<string, (ground: Ground, program: Program) => Contestant & Partial<Disposable>>
> = {
  aide,
  integrit,
  samhain,
  tripwire,
}

function quotedPath(path: string): string {
  return `"${path}"`
}

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
}
