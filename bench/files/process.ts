import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A program with its arguments, and what its environment has beyond ours. */
export interface Command {
  readonly words: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** What one whole process took, from before its start to after its end, with all children that it waited for. */
export interface Run {
  readonly seconds: number
  /** User and system time, in steps of 10 ms. */
  readonly cpuSeconds: number
  /** The resident memory of the largest of its processes. */
  readonly peakMib: number
  readonly code: number
  /** What it said, at most `OUTPUT_CHARS_MAX` from the end. */
  readonly output: string
}

const OUTPUT_CHARS_MAX = 4_000
const TIME = '/usr/bin/time'

/** Runs a command under time(1), which asks the kernel (wait4(2)); output goes to a file, so nobody waits for us. */
export function runMeasured({ words, env = {} }: Command): Run {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-run-'))
  try {
    const figures = join(folder, 'figures')
    const output = openSync(join(folder, 'output'), 'w')
    const startedMs = performance.now()
    const { status, error } = spawnSync(TIME, ['-q', '-o', figures, '-f', '%U %S %M', ...words], {
      stdio: ['ignore', output, output],
      env: { ...process.env, LC_ALL: 'C', ...env },
    })
    const seconds = (performance.now() - startedMs) / 1_000
    closeSync(output)
    if (error !== undefined) throw new Error(`cannot run ${TIME} (Debian's package time): ${error.message}`)
    const [user, system, peakKib] = readFileSync(figures, 'utf8').trim().split(' ').map(Number)
    return {
      seconds,
      cpuSeconds: (user ?? 0) + (system ?? 0),
      peakMib: (peakKib ?? 0) / 1_024,
      code: status ?? -1,
      output: readFileSync(join(folder, 'output'), 'utf8').slice(-OUTPUT_CHARS_MAX),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Runs a command that is not measured; throws what it said when it ends otherwise than with 0. */
export function runPlain({ words, env = {} }: Command, options: { readonly cwd?: string } = {}): string {
  const [program = '', ...rest] = words
  const { status, stdout, stderr, error } = spawnSync(program, rest, {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C', ...env },
    ...options,
  })
  if (status === 0) return stdout
  const said = error?.message ?? `${stdout}${stderr}`.trim().slice(-OUTPUT_CHARS_MAX)
  throw new Error(`${words.join(' ')} ended with code ${status}: ${said}`)
}

/** Text as one word of a shell's. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
