import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { systemClock } from '@tidemark/base'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { TouchKind } from './touch.ts'
import { interestedIn, Told } from './testing.ts'
import { openWatch, type Watch } from './watch.ts'

const isRoot = process.getuid?.() === 0

/** Runs a command to its end and gives its pid. Commands come from elsewhere: what this process does itself is not told. */
async function run(...words: string[]): Promise<number> {
  const child = spawn(words[0]!, words.slice(1), { stdio: ['ignore', 'ignore', 'pipe'] })
  let complaint = ''
  child.stderr.on('data', (data) => (complaint += String(data)))
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${words.join(' ')}: ${complaint}`)
  return child.pid!
}

let folder = ''
let told: Told
let watch: Watch | undefined
beforeEach(() => {
  folder = join(realpathSync(mkdtempSync(join(tmpdir(), 'tidemark-watch-'))), 'tracked')
  mkdirSync(folder)
  told = new Told()
})
afterEach(async () => {
  await watch?.[Symbol.asyncDispose]()
  watch = undefined
  rmSync(join(folder, '..'), { recursive: true, force: true })
})

async function open(prefer: 'fanotify' | 'inotify', more: Partial<Parameters<typeof interestedIn>[1]> = {}) {
  const { signal } = new AbortController()
  watch = await openWatch({ clock: systemClock, signal, prefer, ...told })
  await watch.watch(interestedIn([folder], more))
  return watch
}

interface Row {
  readonly name: string
  readonly before?: string
  readonly script: string
  readonly path: string
  readonly kind: TouchKind
  readonly by: string
}

// In $F is what is tracked, beside it in $O what is not.
const ROWS: readonly Row[] = [
  { name: 'a file that is made', script: 'touch $F/a', path: 'a', kind: 'created', by: 'touch' },
  { name: 'a write', before: 'echo 1 > $F/a', script: 'cp /etc/hostname $F/a', path: 'a', kind: 'content', by: 'cp' },
  { name: 'an append', before: 'echo 1 > $F/a', script: 'echo 2 | tee -a $F/a', path: 'a', kind: 'content', by: 'tee' },
  { name: 'chmod', before: 'touch $F/a', script: 'chmod 600 $F/a', path: 'a', kind: 'attributes', by: 'chmod' },
  { name: 'chown', before: 'touch $F/a', script: 'chown 1:1 $F/a', path: 'a', kind: 'attributes', by: 'chown' },
  { name: 'unlink', before: 'touch $F/a', script: 'rm $F/a', path: 'a', kind: 'deleted', by: 'rm' },
  { name: 'a new name', before: 'touch $F/a', script: 'mv $F/a $F/b', path: 'b', kind: 'moved-to', by: 'mv' },
  { name: 'an old name', before: 'touch $F/a', script: 'mv $F/a $F/b', path: 'a', kind: 'moved-from', by: 'mv' },
  { name: 'moving in', before: 'touch $O/a', script: 'mv $O/a $F/a', path: 'a', kind: 'moved-to', by: 'mv' },
  { name: 'moving out', before: 'touch $F/a', script: 'mv $F/a $O/a', path: 'a', kind: 'moved-from', by: 'mv' },
  {
    name: 'a folder moved in',
    before: 'mkdir -p $O/d/e; touch $O/d/e/f',
    script: 'mv $O/d $F/d',
    path: 'd',
    kind: 'moved-to',
    by: 'mv',
  },
  {
    name: 'a folder moved out',
    before: 'mkdir -p $F/d/e',
    script: 'mv $F/d $O/d',
    path: 'd',
    kind: 'moved-from',
    by: 'mv',
  },
  {
    name: 'a write in a folder that was renamed',
    before: 'mkdir -p $F/d/e; touch $F/d/e/f',
    script: 'mv $F/d $F/g; touch $F/g/e/f2',
    path: 'g/e/f2',
    kind: 'created',
    by: 'touch',
  },
  { name: 'a folder of folders', script: 'mkdir -p $F/d/e/f', path: 'd/e/f', kind: 'created', by: 'mkdir' },
  {
    name: 'a file in a folder made just before',
    script: 'mkdir -p $F/d/e; touch $F/d/e/f',
    path: 'd/e/f',
    kind: 'created',
    by: 'touch',
  },
  { name: 'a hard link', before: 'touch $O/a', script: 'ln $O/a $F/a', path: 'a', kind: 'created', by: 'ln' },
  { name: 'a symbolic link', script: 'ln -s /nowhere $F/a', path: 'a', kind: 'created', by: 'ln' },
  { name: 'sed -i', before: 'echo 1 > $F/a', script: 'sed -i s/1/2/ $F/a', path: 'a', kind: 'moved-to', by: 'sed' },
  { name: 'cp -p', script: 'cp -p /etc/hostname $F/a', path: 'a', kind: 'content', by: 'cp' },
  {
    name: 'touch -d',
    before: 'touch $F/a',
    script: 'touch -d 2001-01-01 $F/a',
    path: 'a',
    kind: 'attributes',
    by: 'touch',
  },
  {
    name: 'truncate',
    before: 'echo 1 > $F/a',
    script: 'truncate -s 0 $F/a',
    path: 'a',
    kind: 'content',
    by: 'truncate',
  },
  {
    name: 'a write of a shell in a shell',
    script: `sh -c "sh -c 'echo x > $F/a'"`,
    path: 'a',
    kind: 'content',
    by: 'sh',
  },
  {
    name: 'a name that is not UTF-8',
    script: String.raw`mkdir $F/$(printf 'd\351'); touch $F/$(printf 'd\351/\377')`,
    path: 'd\xe9/\xff',
    kind: 'created',
    by: 'touch',
  },
  {
    name: 'a name with a line break',
    script: String.raw`touch "$F/$(printf 'a\nb')"`,
    path: 'a\nb',
    kind: 'created',
    by: 'touch',
  },
]

const MARKED: readonly Row[] = [
  {
    name: 'setfacl',
    before: 'touch $F/a',
    script: 'setfacl -m u:1:r $F/a',
    path: 'a',
    kind: 'attributes',
    by: 'setfacl',
  },
  {
    name: 'chattr',
    before: 'touch $F/a',
    script: 'chattr +i $F/a; chattr -i $F/a',
    path: 'a',
    kind: 'attributes',
    by: 'chattr',
  },
  {
    name: 'setcap',
    before: 'touch $F/a',
    script: 'setfattr -n user.x -v 1 $F/a',
    path: 'a',
    kind: 'attributes',
    by: 'setfattr',
  },
]

function scripted(script: string): string {
  return `F=${folder}; O=${join(folder, '..')}; ${script}`
}

describe.skipIf(!isRoot)('through fanotify (needs root)', () => {
  test.each([...ROWS, ...MARKED])('$name is told, with who did it', async ({ before, script, path, kind, by }) => {
    if (before !== undefined) await run('sh', '-c', scripted(before))
    expect(await open('fanotify')).toMatchObject({ method: 'fanotify', trouble: undefined })
    await run('sh', '-c', scripted(script))
    const full = `${folder}/${path}`
    await expect.poll(() => told.of(full)?.kinds, { timeout: 5_000, interval: 5 }).toContain(kind)
    const actor = told.of(full)?.actors.find(({ executable }) => executable?.endsWith(`/${by === 'sh' ? 'dash' : by}`))
    expect(actor, JSON.stringify(told.of(full))).toMatchObject({ certainty: 'captured', account: 'root' })
    expect(actor?.commandLine).toContain(by)
    expect(actor?.tree.at(-1)?.pid).toBe(1)
  })
})
