import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { parseExtensionSettings } from '@tidemark/model'

import type { Collection, Item, Known } from '../collector.ts'
import type { RunCommand } from '../host/run.ts'
import { openPackageTree } from '../host/package-tree.ts'
import { softwareCollector } from '../software/collector.ts'
import type { SoftwareMachine } from '../software/source.ts'

/** A machine of a test: its files below a folder, its programs and locks as the test says. */
export class TriedMachine implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), 'tidemark-software-'))
  readonly locked = new Set<string>()
  run: RunCommand | undefined

  constructor(files: Readonly<Record<string, string | Uint8Array>> = {}) {
    for (const [path, content] of Object.entries(files)) this.write(path, content)
  }

  write(path: string, content: string | Uint8Array): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true })
    writeFileSync(join(this.root, path), content)
  }

  get machine(): SoftwareMachine {
    return {
      tree: openPackageTree(this.root),
      isLocked: (path) => this.locked.has(path),
      ...(this.run === undefined ? {} : { run: this.run }),
    }
  }

  /** One look, with `softwareSettings` as a rule says them. */
  async look(known: Known = new Map<string, Item>(), softwareSettings: object = {}): Promise<Collection> {
    const { settings } = parseExtensionSettings({ softwareSettings })
    return await softwareCollector(this.machine).collect(known, new AbortController().signal, [{ settings }])
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}
