import { malformedText } from './shown-bytes.ts'

// <linux/capability.h>: revision in the highest byte of the first word, whether the set is effective in its lowest bit.
const REVISION_MASK = 0xff000000
const EFFECTIVE_FLAG = 0x000001
const REVISIONS: Readonly<Record<number, { readonly words: number; readonly hasRootId: boolean }>> = {
  0x01000000: { words: 1, hasRootId: false },
  0x02000000: { words: 2, hasRootId: false },
  0x03000000: { words: 2, hasRootId: true },
}

/** Capabilities by their numbers, as capabilities(7) of Linux 6 lists them. */
const NAMES = `
  cap_chown cap_dac_override cap_dac_read_search cap_fowner cap_fsetid cap_kill cap_setgid cap_setuid cap_setpcap
  cap_linux_immutable cap_net_bind_service cap_net_broadcast cap_net_admin cap_net_raw cap_ipc_lock cap_ipc_owner
  cap_sys_module cap_sys_rawio cap_sys_chroot cap_sys_ptrace cap_sys_pacct cap_sys_admin cap_sys_boot cap_sys_nice
  cap_sys_resource cap_sys_time cap_sys_tty_config cap_mknod cap_lease cap_audit_write cap_audit_control cap_setfcap
  cap_mac_override cap_mac_admin cap_syslog cap_wake_alarm cap_block_suspend cap_audit_read cap_perfmon cap_bpf
  cap_checkpoint_restore
`
  .trim()
  .split(/\s+/)

const CAPABILITIES = 64

// What a capability may be in: a state is a sum of these, in libcap's numbering.
const EFFECTIVE = 1
const PERMITTED = 2
const INHERITABLE = 4
const STATES = 8

interface FileCapabilities {
  /** The state of each capability by its number. */
  readonly states: readonly number[]
  /** The user whose namespace they hold in; 0 is this machine's. */
  readonly rootId: number
}

/**
 * The text of `security.capability` as `getcap -n` prints it behind the file's name: `cap_net_bind_service=ep`,
 * `cap_chown=p cap_kill+i`, `=ep` for all, `=` for none; capabilities without a name by number; `[rootid=1000]` behind
 * those that hold in the namespaces of that user only. Never throws: bytes that are no capabilities are described.
 *
 *     ┌ revision and flags u32 ┐ then once or twice ┌ permitted u32 ┬ inheritable u32 ┐ then in revision 3 ┌ root id u32 ┐
 */
export function capabilitiesText(bytes: Buffer): string {
  const capabilities = parseCapabilities(bytes)
  if (capabilities === undefined) return malformedText(bytes)
  const text = statesText(capabilities.states)
  return capabilities.rootId === 0 ? text : `${text} [rootid=${capabilities.rootId}]`
}

function parseCapabilities(bytes: Buffer): FileCapabilities | undefined {
  if (bytes.length < 4) return undefined
  const header = bytes.readUInt32LE(0)
  const revision = REVISIONS[(header & REVISION_MASK) >>> 0]
  if (revision === undefined || (header & ~(REVISION_MASK | EFFECTIVE_FLAG)) !== 0) return undefined
  if (bytes.length !== 4 + 8 * revision.words + (revision.hasRootId ? 4 : 0)) return undefined
  const states = Array.from({ length: CAPABILITIES }, (_, number) => {
    const word = number >> 5
    if (word >= revision.words) return 0
    const state =
      bitOf(bytes.readUInt32LE(4 + 8 * word), number) * PERMITTED +
      bitOf(bytes.readUInt32LE(8 + 8 * word), number) * INHERITABLE
    return state !== 0 && (header & EFFECTIVE_FLAG) !== 0 ? state + EFFECTIVE : state
  })
  return { states, rootId: revision.hasRootId ? bytes.readUInt32LE(bytes.length - 4) : 0 }
}

function bitOf(word: number, number: number): number {
  return (word >>> (number & 31)) & 1
}

/** What cap_to_text(3) of libcap makes of the sets: the commonest state first, then what differs from it. */
function statesText(states: readonly number[]): string {
  const named = states.slice(0, NAMES.length)
  const common = commonestState(named)
  const clauses: string[] = []
  for (let state = STATES - 1; state >= 0; state -= 1) {
    if (state === common) continue
    const names = NAMES.filter((_, number) => named[number] === state)
    if (names.length > 0) clauses.push(`${names.join(',')}${difference(state, common, clauses.length === 0)}`)
  }
  const head = common === 0 && clauses.length > 0 ? [] : [`=${flagsText(common)}`]
  return [...head, ...clauses, ...unnamedClauses(states)].join(' ')
}

/** Of states that equally many have, the lower one counts. */
function commonestState(states: readonly number[]): number {
  const counts = Array.from({ length: STATES }, (_, state) => states.filter((each) => each === state).length)
  return counts.indexOf(Math.max(...counts))
}

function difference(state: number, common: number, isFirst: boolean): string {
  const raised = state & ~common
  const lowered = ~state & common
  const raisedText = raised === 0 ? '' : `${isFirst && common === 0 ? '=' : '+'}${flagsText(raised)}`
  return lowered === 0 ? raisedText : `${raisedText}-${flagsText(lowered)}`
}

/** Capabilities that a later kernel may have come at the end, always as raised ones. */
function unnamedClauses(states: readonly number[]): string[] {
  const clauses: string[] = []
  for (let state = STATES - 1; state > 0; state -= 1) {
    const numbers = states.flatMap((each, number) => (number >= NAMES.length && each === state ? [number] : []))
    if (numbers.length > 0) clauses.push(`${numbers.join(',')}+${flagsText(state)}`)
  }
  return clauses
}

function flagsText(state: number): string {
  return `${state & EFFECTIVE ? 'e' : ''}${state & INHERITABLE ? 'i' : ''}${state & PERMITTED ? 'p' : ''}`
}
