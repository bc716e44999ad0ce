import type { CollectorRule } from '../collector.ts'
import { apk } from './apk/source.ts'
import { dpkg } from './dpkg/source.ts'
import { flatpak } from './flatpak/source.ts'
import { npm } from './language/npm.ts'
import { pip } from './language/pip.ts'
import { pacman } from './pacman/source.ts'
import { rpm } from './rpm/source.ts'
import { snap } from './snap/source.ts'
import type { Source } from './source.ts'

/** Sources that are looked at wherever they are. Adding one is a folder and a line here. */
const everywhere: readonly Source[] = [dpkg, rpm, apk, pacman, snap, flatpak]

/** The sources that rules ask for: those of the system, and those that one of the rules asks for by name. */
export function sourcesFor(rules: readonly CollectorRule[]): readonly Source[] {
  const settings = rules.map((rule) => rule.settings)
  const sources = [...everywhere]
  if (settings.some((each) => each.softwarePip))
    sources.push(pip(foldersOf(settings.filter((each) => each.softwarePip).map((each) => each.softwarePipFolders))))
  if (settings.some((each) => each.softwareNpm))
    sources.push(npm(foldersOf(settings.filter((each) => each.softwareNpm).map((each) => each.softwareNpmFolders))))
  return sources
}

function foldersOf(lists: readonly (readonly string[])[]): string[] {
  return [...new Set(lists.flat())].sort()
}
