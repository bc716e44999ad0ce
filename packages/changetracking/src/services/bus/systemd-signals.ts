import type { ReceivedMessage } from './message.ts'
import { BusVariant, listOf, textOf } from './value.ts'

/** What systemd says by itself. */
export type SystemdSignal =
  /** Properties of a unit differ. `state` is `ActiveState SubState`, absent where it was not told. */
  | { readonly kind: 'changed'; readonly unit: string; readonly state: string | undefined }
  /** A job of the unit is done. */
  | { readonly kind: 'done'; readonly unit: string }
  /** The unit is no more loaded. */
  | { readonly kind: 'unloaded'; readonly unit: string }
  /** systemd changed links of unit files, has read all of them again, or was started anew. */
  | { readonly kind: 'files' }

const UNIT_PATH = '/org/freedesktop/systemd1/unit/'

/** The object path of a unit: each byte that is no letter and no digit (a digit at the beginning, too) as `_` and its hex. */
export function unitPath(unit: string): string {
  const escaped = Buffer.from(unit)
    .toString('latin1')
    .replace(/[^A-Za-z0-9]|^[0-9]/g, (byte) => `_${byte.charCodeAt(0).toString(16).padStart(2, '0')}`)
  return `${UNIT_PATH}${escaped === '' ? '_' : escaped}`
}

/** The way back; `undefined` for the path of something else. */
export function unitOfPath(path: string | undefined): string | undefined {
  if (path?.startsWith(UNIT_PATH) !== true) return undefined
  const escaped = path.slice(UNIT_PATH.length)
  if (escaped === '_') return ''
  const bytes = escaped.replace(/_([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

/** What a signal means, `undefined` where it means nothing to us. */
export function systemdSignal(message: ReceivedMessage): SystemdSignal | undefined {
  switch (message.member) {
    case 'PropertiesChanged':
      return changed(message)
    case 'JobRemoved': {
      const unit = textOf(message.body()[2])
      return unit === '' ? undefined : { kind: 'done', unit }
    }
    case 'UnitRemoved': {
      const unit = textOf(message.body()[0])
      return unit === '' ? undefined : { kind: 'unloaded', unit }
    }
    case 'Reloading':
      // It begins with true: what counts is how things are when it is over.
      return message.body()[0] === false ? { kind: 'files' } : undefined
    case 'UnitFilesChanged':
    case 'NameOwnerChanged':
      return { kind: 'files' }
    default:
      // UnitNew says only that somebody asked for a unit, us included; when it starts, its properties change.
      return undefined
  }
}

function changed(message: ReceivedMessage): SystemdSignal | undefined {
  const unit = unitOfPath(message.path)
  if (unit === undefined || message.signature !== 'sa{sv}as') return undefined
  const [face, properties] = message.body()
  if (face !== 'org.freedesktop.systemd1.Unit') return undefined
  const told = new Map(
    listOf(properties).map((entry) => {
      const [name, variant] = listOf(entry)
      return [textOf(name), variant instanceof BusVariant ? textOf(variant.value) : ''] as const
    }),
  )
  const [active, sub] = [told.get('ActiveState'), told.get('SubState')]
  return { kind: 'changed', unit, state: active === undefined || sub === undefined ? undefined : `${active} ${sub}` }
}
