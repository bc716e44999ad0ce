import type { Item } from '../collector.ts'
import type { Tree } from './tree.ts'

/** Bytes of an init script that are read; the largest known ones have 60 KiB. */
export const SCRIPT_BYTES_MAX = 1024 * 1024

/** What an init script says of itself. */
export interface ScriptFacts {
  readonly description: string
  /** Where it keeps the number of its process, as far as that is written plainly. */
  readonly pidFile: string | undefined
  /** The program that it starts. */
  readonly daemon: string | undefined
}

/** A service that has an init script, with the columns that OpenRC and SysV tell alike. */
export function initScriptItem(service: {
  readonly name: string
  readonly path: string
  readonly facts: ScriptFacts
  readonly controller: 'openrc' | 'sysv'
  readonly state: string
  readonly isEnabled: boolean
  readonly runlevels: readonly string[]
  /** 0 where it has none, `undefined` where nothing tells. */
  readonly processId: number | undefined
}): Item {
  const { name, path, facts, processId } = service
  return {
    coveredBy: ['services'],
    columns: {
      SvcName: name,
      SvcDisplayName: facts.description || name,
      SvcDescription: facts.description,
      SvcState: service.state,
      SvcStartupType: service.isEnabled ? 'Enabled' : 'Disabled',
      SvcRunlevels: service.runlevels.join(' '),
      SvcPath: path,
      SvcController: service.controller,
      SvcUnitType: 'service',
      ...(processId === undefined ? {} : { SvcMainProcessId: processId }),
      ...(facts.daemon === undefined ? {} : { SvcExecStart: facts.daemon }),
    },
  }
}

/**
 * Reads an init script without running it: the LSB header (Linux Standard Base, "Comment Conventions for Init Scripts"), the
 * older `# description:`, `# pidfile:` and `# processname:` of chkconfig(8), and plain assignments of `PIDFILE`, `DAEMON` and
 * OpenRC's `description`, `pidfile` and `command`. Total: what it does not say is empty.
 */
export function parseInitScript(text: string, name: string): ScriptFacts {
  const lsb = lsbFields(text)
  const old = chkconfigFields(text)
  const words = assignments(text, name)
  const description =
    lsb.get('short-description') || words.get('description') || lsb.get('description') || old.get('description') || ''
  return {
    description,
    pidFile: absolute(old.get('pidfile')) ?? absolute(words.get('pidfile')) ?? absolute(words.get('PIDFILE')),
    daemon: absolute(words.get('DAEMON')) ?? absolute(words.get('command')) ?? absolute(old.get('processname')),
  }
}

function absolute(path: string | undefined): string | undefined {
  return path?.startsWith('/') === true && !path.includes('$') ? path : undefined
}

/** `# Short-Description: text` between the marks; a `#` with a tab or two blanks goes on with the field before it. */
function lsbFields(text: string): ReadonlyMap<string, string> {
  const block = /^### BEGIN INIT INFO\s*$([^]*?)^### END INIT INFO\s*$/m.exec(text)?.[1] ?? ''
  const fields = new Map<string, string>()
  let last = ''
  for (const line of block.split('\n')) {
    const [, key, value] = /^#\s?([A-Za-z][\w-]*):[ \t]*(.*)$/.exec(line) ?? []
    const [, more] = /^#(?:\t| {2,})\s*(.*)$/.exec(line) ?? []
    if (key !== undefined && value !== undefined) {
      last = key.toLowerCase()
      if (!fields.has(last)) fields.set(last, value.trim())
    } else if (more !== undefined && last !== '') fields.set(last, `${fields.get(last) ?? ''} ${more}`.trim())
    else last = ''
  }
  return fields
}

/** `# description: text \` with lines that go on where a backslash says so. */
function chkconfigFields(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  const lines = text.split('\n')
  for (let at = 0; at < lines.length; at += 1) {
    const [, key, first] = /^#\s*(description|pidfile|processname):[ \t]*(.*)$/.exec(lines[at] ?? '') ?? []
    if (key === undefined || first === undefined || fields.has(key)) continue
    let value = first
    while (value.endsWith('\\') && at + 1 < lines.length) {
      at += 1
      value = `${value.slice(0, -1).trim()} ${(lines[at] ?? '').replace(/^#\s*/, '')}`
    }
    fields.set(key, value.trim())
  }
  return fields
}

/** How long a value of a plain assignment may become by what it names. */
const VALUE_CHARS_MAX = 4_096

/** Assignments at the beginning of a line, with `$NAME` of earlier ones put in; later ones count only where none was. */
function assignments(text: string, name: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>([
    ['RC_SVCNAME', name],
    ['SVCNAME', name],
  ])
  for (const line of text.split('\n')) {
    const [, key, raw] = /^(?:export\s+|readonly\s+)?([A-Za-z_]\w*)=(.*)$/.exec(line) ?? []
    if (key === undefined || raw === undefined || values.has(key)) continue
    const word = /^"([^"]*)"|^'([^']*)'|^([^\s;#]*)/.exec(raw)
    const value = word?.[1] ?? word?.[2] ?? word?.[3] ?? ''
    // In single quotes nothing is put in.
    values.set(key, word?.[2] === undefined ? expanded(value, values) : value)
  }
  return values
}

/** Puts in `$NAME`, `${NAME}` and `${NAME:-otherwise}`; what is not known stays, so that no wrong path is made. */
function expanded(value: string, values: ReadonlyMap<string, string>): string {
  return value
    .replace(
      /\$\{(\w+)(?::?-([^}$]*))?\}|\$(\w+)/g,
      (whole, braced: string | undefined, otherwise: string | undefined, plain: string | undefined) =>
        values.get(braced ?? plain ?? '') ?? otherwise ?? whole,
    )
    .slice(0, VALUE_CHARS_MAX)
}

/** The text of a script of a tree, `undefined` where it cannot be read. Bytes that are not UTF-8 are shown as �. */
export function scriptText(tree: Tree, path: string): string | undefined {
  const bytes = tree.read(path, SCRIPT_BYTES_MAX)
  return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8')
}

/** The number of the living process that a file names, 0 where there is none. */
export function livingProcess(tree: Tree, pidFile: string): number {
  const bytes = tree.read(pidFile, PID_FILE_BYTES_MAX)
  const pid = Number(/^\s*(\d{1,10})/.exec(bytes === undefined ? '' : Buffer.from(bytes).toString('latin1'))?.[1] ?? 0)
  return pid > 0 && tree.status(`/proc/${pid}`) !== undefined ? pid : 0
}

const PID_FILE_BYTES_MAX = 64 * 1024
