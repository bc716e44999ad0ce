import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const GROUPS = '/sys/fs/cgroup/memory'
const BYTES = 4 * 1024 * 1024

/** Why no process can be made to run out of memory here, `undefined` when one can. */
export function whyNoMemoryGroups(): string | undefined {
  return existsSync(GROUPS) ? undefined : 'no memory cgroups of version 1'
}

/** Takes memory from a process until the kernel's OOM killer has ended it. Throws where it does not. */
export async function runOutOfMemory(pid: number): Promise<void> {
  const group = join(GROUPS, `tidemark-fleet-${process.pid}-${pid}`)
  mkdirSync(group)
  try {
    writeFileSync(join(group, 'memory.limit_in_bytes'), String(BYTES))
    // What it has stays where it was; what it asks for from now on is too much.
    writeFileSync(join(group, 'cgroup.procs'), String(pid))
    for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(100))
      if (/^oom_kill [1-9]/m.test(readFileSync(join(group, 'memory.oom_control'), 'utf8'))) return
    throw new Error(`process ${pid} did not run out of ${BYTES} bytes`)
  } finally {
    await emptied(group)
  }
}

/** The kernel lets go of a group when its last process is gone. */
async function emptied(group: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    try {
      return rmdirSync(group)
    } catch {
      await sleep(50)
    }
  }
}
