/** What the control group of a process tells of where it runs. */
export interface Placement {
  readonly containerId: string | undefined
  readonly unit: string | undefined
  /** logind's session, from `session-3.scope`. */
  readonly sessionId: string | undefined
}

// Docker, containerd, CRI-O, podman and Amazon ECS name a group by the container's id, with or without words around it:
// `docker-<id>.scope`, `cri-containerd-<id>.scope`, `crio-<id>.scope`, `libpod-<id>.scope`, `…:cri-containerd:<id>`, `<id>`.
const LONG_ID = /(?:^|[-:_])([0-9a-f]{64})(?:\.scope|$)/
// The helper beside a container, in a group of its own, is not in it.
const BESIDE = /conmon|^lxc\.monitor/

/**
 * Reads /proc/PID/cgroup (cgroups(7)): one line for each hierarchy, `number:controllers:path`.
 *
 *     0::/system.slice/cron.service                              unit
 *     0::/user.slice/user-1000.slice/session-3.scope             unit and session
 *     0::/system.slice/docker-<64 hex>.scope                     container (Docker, containerd, CRI-O, podman)
 *     0::/machine.slice/machine-web.scope/payload/…              container (systemd-nspawn), by name
 *     0::/lxc.payload.web/system.slice/cron.service              container (LXC), by name, and unit inside
 */
export function parseCgroup(text: string): Placement {
  const paths = text.split('\n').flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    return path === undefined ? [] : [{ isNamed: controllers === '' || controllers === 'name=systemd', path }]
  })
  const all = paths.map(({ path }) => path.split('/').filter((segment) => segment !== ''))
  // Units stand in systemd's own hierarchy (version 2, or the named one of version 1).
  const units = paths.flatMap(({ isNamed }, index) => (isNamed ? [all[index] ?? []] : []))
  return {
    containerId: first(all, containerIn),
    unit: first(units, unitIn),
    sessionId: first(units, (segments) => first(segments, (each) => /^session-(\w+)\.scope$/.exec(each)?.[1])),
  }
}

function containerIn(segments: readonly string[]): string | undefined {
  // The innermost container counts: Docker in a virtual machine of LXC is where the process runs.
  for (let at = segments.length - 1; at >= 0; at -= 1) {
    const segment = segments[at] ?? ''
    if (BESIDE.test(segment)) continue
    const id = LONG_ID.exec(segment)?.[1] ?? machineName(segment) ?? lxcName(segment, segments[at - 1])
    if (id !== undefined) return id
  }
  return undefined
}

function machineName(segment: string): string | undefined {
  const name = /^machine-(.+)\.scope$/.exec(segment)?.[1] ?? /^systemd-nspawn@(.+)\.service$/.exec(segment)?.[1]
  return name === undefined ? undefined : unescaped(name)
}

function lxcName(segment: string, above: string | undefined): string | undefined {
  const name = /^lxc\.payload\.(.+)$/.exec(segment)?.[1]
  if (name !== undefined) return name
  return above === 'lxc' || above === 'lxc.payload' ? segment : undefined
}

function unitIn(segments: readonly string[]): string | undefined {
  const innermost = segments.toReversed()
  const unit = innermost.find((each) => /\.(service|scope|socket|mount|swap)$/.test(each))
  const found = unit ?? innermost.find((each) => each.endsWith('.slice'))
  return found === undefined ? undefined : unescaped(found)
}

/** systemd writes bytes that a unit's name may not have as `\xNN` (systemd.unit(5)). */
function unescaped(name: string): string {
  return name.replaceAll(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

function first<T>(candidates: readonly T[], find: (candidate: T) => string | undefined): string | undefined {
  for (const candidate of candidates) {
    const found = find(candidate)
    if (found !== undefined) return found
  }
  return undefined
}
