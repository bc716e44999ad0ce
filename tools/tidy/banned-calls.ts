import { importsOf } from './imports.ts'
import { isCode, isTestCode } from './source-file.ts'
import type { SourceFile } from './source-file.ts'
import { asNode, dottedName, nodesIn, nodesUnder, syntaxOf } from './syntax.ts'
import type { SyntaxNode } from './syntax.ts'

/** The rooms that own the machine, and the disk rooms. */
const MACHINE_ROOMS = [
  /^packages\/base\/src\/(clock|ids)\.ts$/,
  /^packages\/(linux|bolt)\//,
  /^packages\/[^/]+\/src\/(.*\/)?host\//,
  /^packages\/agent\/src\/sink\//,
  /^packages\/server\/src\/(clickhouse|metadata)\//,
]

/** The table of contents of each program, and the command's own rooms, alone see the environment. */
const ENVIRONMENT_ROOMS = [/\/main\.ts$/, /^packages\/tidemark\/src\//, /\/host\//]

/** What replaces the machine's time. */
export const CLOCK =
  "take a Clock as an argument (import type { Clock } from '@tidemark/base'; a test brings a ManualClock)"

const CALLS: Readonly<Record<string, string>> = {
  'Date.now': `${CLOCK} and call clock.nowMs()`,
  'performance.now': `${CLOCK} and call clock.monotonicMs()`,
  setTimeout: `${CLOCK} and await clock.sleep(durationMs, signal)`,
  setInterval: `${CLOCK} and await clock.sleep(durationMs, signal) in a loop`,
  'Math.random': "use chance() or newUuid() from '@tidemark/base', passed in as an argument",
}

const MODULES: Readonly<Record<string, string>> = {
  'node:fs': 'take a port as an argument and put its implementation into a host/ folder of the room',
  'node:fs/promises': 'take a port as an argument and put its implementation into a host/ folder of the room',
  'node:child_process': 'take a port as an argument and put its implementation into a host/ folder of the room',
  'node:timers': `${CLOCK} and await clock.sleep(durationMs, signal)`,
  'node:timers/promises': `${CLOCK} and await clock.sleep(durationMs, signal)`,
}

const ENVIRONMENT = 'only main.ts reads the environment; take a settings value as an argument'

/** Time, chance and the machine come in as arguments (style 14); the message names what to use instead. */
export function bannedCalls(files: readonly SourceFile[]): string[] {
  return files
    .filter((file) => isCode(file) && /^packages\/[^/]+\/src\//.test(file.path) && !isTestCode(file.path))
    .flatMap((file) => [
      ...bannedInRoom(file, MACHINE_ROOMS, machineUses),
      ...bannedInRoom(file, ENVIRONMENT_ROOMS, environmentUses),
    ])
}

interface Found {
  readonly what: string
  readonly line: number
  readonly instead: string
}

function bannedInRoom(file: SourceFile, rooms: readonly RegExp[], find: (file: SourceFile) => Found[]): string[] {
  if (rooms.some((room) => room.test(file.path))) return []
  return find(file).map(({ what, line, instead }) => `${file.path}:${line}: ${what} is banned here: ${instead}`)
}

function machineUses(file: SourceFile): Found[] {
  const { program, lineAt } = syntaxOf(file)
  const calls = [...nodesUnder(program)].flatMap((node) => {
    const found = bannedNode(node)
    return found ? [{ ...found, line: lineAt(node.start) }] : []
  })
  const modules = importsOf(file)
    .filter((use) => use.how !== 'import type' && Object.hasOwn(MODULES, use.specifier))
    .map((use) => ({ what: use.specifier, line: use.line, instead: MODULES[use.specifier] ?? '' }))
  return [...calls, ...modules]
}

function bannedNode(node: SyntaxNode): Omit<Found, 'line'> | undefined {
  if (node.type === 'NewExpression' && dottedName(node['callee']) === 'Date' && nodesIn(node['arguments']).length === 0)
    return { what: 'new Date() without an argument', instead: `${CLOCK} and write new Date(clock.nowMs())` }
  if (node.type === 'CallExpression') {
    const name = plainName(node['callee'])
    if (name === 'Date') return { what: 'Date()', instead: `${CLOCK} and write new Date(clock.nowMs())` }
    if (name !== undefined && Object.hasOwn(CALLS, name)) return { what: name, instead: CALLS[name] ?? '' }
    return passedOn(node)
  }
  return undefined
}

/** A banned function handed over as a value: `retry(action, Math.random)`. */
function passedOn(call: SyntaxNode): Omit<Found, 'line'> | undefined {
  const name = nodesIn(call['arguments'])
    .map(plainName)
    .find((argument) => argument !== undefined && Object.hasOwn(CALLS, argument))
  return name === undefined ? undefined : { what: name, instead: CALLS[name] ?? '' }
}

function plainName(value: unknown): string | undefined {
  return dottedName(value)?.replace(/^(globalThis|window|self)\./, '')
}

function environmentUses(file: SourceFile): Found[] {
  const { program, lineAt } = syntaxOf(file)
  const members = [...nodesUnder(program)]
    .filter(
      (node) =>
        node.type === 'MemberExpression' && /^(globalThis\.)?process\.(env|argv)$/.test(dottedName(asNode(node)) ?? ''),
    )
    .map((node) => ({ what: dottedName(node) ?? '', line: lineAt(node.start), instead: ENVIRONMENT }))
  const imports = importsOf(file)
    .filter((use) => use.specifier === 'node:process' && use.names.some((name) => name === 'env' || name === 'argv'))
    .map((use) => ({ what: `node:process ${use.names.join(', ')}`, line: use.line, instead: ENVIRONMENT }))
  return [...members, ...imports]
}
