import type { BootedMachine } from './booted-machine.ts'

const NAMES = [
  'SvcName',
  'SvcDisplayName',
  'SvcDescription',
  'SvcState',
  'SvcStartupType',
  'SvcRunlevels',
  'SvcPath',
  'SvcController',
]

/** Of an item's columns those that the described command prints, and what is made of them. */
export function describedColumns(columns: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(NAMES.map((name) => [name, columns[name]]))
}

/** What the described command prints on a machine of units of a type, read by its own words, not by our parsers. */
export async function describedDaemons(
  machine: BootedMachine,
  type: 'service' | 'timer' | 'socket' = 'service',
): Promise<Record<string, string>[]> {
  // Its names are quoted, for a shell would take *.service for files.
  const command = `systemctl -a list-unit-files "*.${type}" | grep .${type} | grep -v "@" | awk '{print $1}' | xargs systemctl -a --no-pager --no-legend -p "Names,WantedBy,Description,SubState,FragmentPath,UnitFileState" show`
  const printed = await machine.run('sh', '-c', command)
  const daemons = printed
    .trim()
    .split(/\n\n+/)
    .map((block) => {
      const value = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(block)?.[1] ?? ''
      const capitalised = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1)
      return {
        SvcName:
          value('Names')
            .split(' ')[0]
            ?.replace(/\.service$/, '') ?? '',
        SvcDisplayName: value('Description'),
        SvcDescription: value('Description'),
        SvcState: capitalised(value('SubState')),
        SvcStartupType: capitalised(value('UnitFileState')),
        SvcRunlevels: value('WantedBy'),
        SvcPath: value('FragmentPath'),
        SvcController: 'systemd',
      }
    })
  // The described command prints a unit once for each of its aliases.
  return [...new Map(daemons.map((daemon) => [daemon.SvcName, daemon])).values()]
}
