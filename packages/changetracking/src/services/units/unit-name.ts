/** Kinds of units that a rule can ask for. */
export const unitTypes = ['service', 'timer', 'socket'] as const
export type UnitType = (typeof unitTypes)[number]

/** Characters of a unit's name (systemd's UNIT_NAME_MAX, with the byte at its end). */
export const UNIT_NAME_CHARS_MAX = 255

const NAME = /^[A-Za-z0-9:_.\\-][A-Za-z0-9:_.\\@-]*\.(service|timer|socket)$/

/** The type that a valid name of a unit says (systemd.unit(5)); `undefined` where it is none of the types we look at. */
export function unitTypeOf(name: string): UnitType | undefined {
  if (name.length > UNIT_NAME_CHARS_MAX) return undefined
  const type = NAME.exec(name)?.[1]
  return unitTypes.find((each) => each === type)
}

/** Whether it is a template or an instance of one. */
export function hasAt(name: string): boolean {
  return name.includes('@')
}

/** `getty@.service` of `getty@tty1.service`; `undefined` where it is no instance. */
export function templateOf(name: string): string | undefined {
  const at = name.indexOf('@')
  const dot = name.lastIndexOf('.')
  return at < 0 || at + 1 >= dot ? undefined : `${name.slice(0, at + 1)}${name.slice(dot)}`
}

/** By what a unit goes in our tables: a service without its suffix, as the described command has it, others with theirs. */
export function shownName(unit: string): string {
  return unit.replace(/\.service$/, '')
}

/**
 * Names of the folders (without `.d`) whose drop-ins count for a unit (systemd.unit(5)): its own, its template's, those of
 * what its name begins with (`foo-.service` for `foo-bar.service`), and that of its type.
 */
export function dropInNames(unit: string): string[] {
  const dot = unit.lastIndexOf('.')
  const [stem, suffix] = [unit.slice(0, dot), unit.slice(dot)]
  const names = [unit]
  const template = templateOf(unit)
  if (template !== undefined) names.push(template)
  for (let at = stem.lastIndexOf('-'); at > 0; at = stem.lastIndexOf('-', at - 1))
    names.push(`${stem.slice(0, at + 1)}${suffix}`)
  names.push(suffix.slice(1))
  return names
}
