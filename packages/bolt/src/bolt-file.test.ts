import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll } from 'vitest'

import { describeBoltFile } from './bolt-file.contract.ts'
import { DiskFile } from './disk-file.ts'
import { MemoryFile } from './memory-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'bolt-file-'))
afterAll(() => rmSync(folder, { recursive: true }))
let count = 0

describeBoltFile('in memory', () => new MemoryFile())
describeBoltFile('on disk', () => DiskFile.openOrCreate(join(folder, `file-${(count += 1)}`), 0o600))
