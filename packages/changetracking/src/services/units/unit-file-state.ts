import type { Tree } from '../tree.ts'
import { nameIn, type UnitEntry, type UnitFiles, unitFolders, type UnitLink } from './unit-folders.ts'

/** What of a unit's file says how it is enabled. */
export interface Install {
  /** Whether `[Install]` says any of WantedBy, RequiredBy, UpheldBy, Alias. */
  readonly isInstallable: boolean
  /** Whether it says `Also`. */
  readonly hasAlso: boolean
  /** Whether systemd refuses the whole file, and not only lines of it. */
  readonly isBroken: boolean
}

const RUNTIME = /^\/run\//
const GENERATOR = /^\/run\/systemd\/generator(?:\.early|\.late)?\//
const TRANSIENT = /^\/run\/systemd\/transient\//
/** The folder in which a link enables a unit for good; those of packages enable nothing. */
const LASTING = /^\/etc\/systemd\/system\//

/**
 * How a unit is enabled, as `systemctl --root=… is-enabled` finds it in files alone (systemctl(1), "is-enabled"): `masked`, `linked`,
 * `enabled`, `alias`, `indirect`, `static`, `disabled`, `generated`, `transient`, `bad`, those of `/run` with `-runtime`.
 */
export function unitFileState(
  { tree, files, install }: { readonly tree: Tree; readonly files: UnitFiles; readonly install: Install },
  entry: UnitEntry,
): string {
  const { name, path, target } = entry
  const runtime = RUNTIME.test(path) ? '-runtime' : ''
  if (isMask(tree, entry)) return `masked${runtime}`
  if (TRANSIENT.test(path)) return 'transient'
  if (GENERATOR.test(path)) return 'generated'
  if (target !== undefined && nameIn(target) !== name && files.units.has(nameIn(target))) return 'alias'
  if (install.isBroken || tree.status(path) === undefined) return 'bad'
  const links = (files.links.get(name) ?? []).filter((link) => enables(link, name))
  if (links.some((link) => LASTING.test(link.path))) return 'enabled'
  if (links.some((link) => RUNTIME.test(link.path))) return 'enabled-runtime'
  if (target !== undefined && isOutside(target)) return `linked${runtime}`
  if (install.isInstallable) return 'disabled'
  return install.hasAlso ? 'indirect' : 'static'
}

/** A unit is masked by an empty file of its name, or a link to `/dev/null`. */
export function isMask(tree: Tree, { path, target }: UnitEntry): boolean {
  if (target === '/dev/null') return true
  const status = tree.status(path)
  return status?.kind === 'file' && status.bytes === 0
}

function isOutside(target: string): boolean {
  return target.startsWith('/') && !unitFolders.some((folder) => target === `${folder}/${nameIn(target)}`)
}

/** A link in a `.wants` folder by the unit's name, or one beside the units that gives it another. */
function enables({ path, target }: UnitLink, name: string): boolean {
  const isBeside = unitFolders.some((folder) => path === `${folder}/${nameIn(path)}`)
  return isBeside ? nameIn(target) === name && nameIn(path) !== name : nameIn(path) === name || nameIn(target) === name
}
