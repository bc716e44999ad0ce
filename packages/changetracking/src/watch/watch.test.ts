import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { systemClock } from '@tidemark/base'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { interestedIn, Told } from './testing.ts'
import type { TouchKind } from './touch.ts'
import { openWatch, type Watch } from './watch.ts'

// What this process does itself is not told, so everything is done by commands. Of a command that is over in a
// millisecond the kernel's word may come too late on a machine that is busy: then the record says `inferred`. That is
// tested with the process table; here each row may try again until the machine gave it its turn.

const isRoot = process.getuid?.() === 0
const TRIES = { retry: 5 }

/** Runs a command to its end and gives its pid. */
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

async function open(
  prefer: 'fanotify' | 'inotify',
  interests: Parameters<typeof interestedIn>[1] = {},
  folders: readonly string[] = [folder],
): Promise<Watch> {
  watch = await openWatch({ clock: systemClock, signal: new AbortController().signal, prefer, ...told })
  await watch.watch(interestedIn(folders, interests))
  return watch
}

async function script(text: string): Promise<number> {
  return await run('sh', '-c', `F=${folder}; O=${join(folder, '..')}; ${text}`)
}

function hasCommand(name: string): boolean {
  return ['/bin', '/usr/bin', '/sbin', '/usr/sbin'].some((place) => existsSync(join(place, name)))
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
    name: 'setfattr',
    before: 'touch $F/a',
    script: 'setfattr -n user.x -v 1 $F/a',
    path: 'a',
    kind: 'attributes',
    by: 'setfattr',
  },
]

describe.skipIf(!isRoot)('through fanotify (needs root)', () => {
  const rows = [...ROWS, ...MARKED.filter(({ by }) => hasCommand(by))]
  test.each(rows)('$name is told, with who did it', TRIES, async ({ before, script: text, path, kind, by }) => {
    if (before !== undefined) await script(before)
    expect(await open('fanotify')).toMatchObject({ method: 'fanotify', trouble: undefined })
    await script(text)
    const full = `${folder}/${path}`
    await expect.poll(() => told.of(full)?.kinds, { timeout: 5_000, interval: 5 }).toContain(kind)
    const program = by === 'sh' ? '/dash' : `/${by}`
    const actor = told.of(full)?.actors.find(({ executable }) => executable?.endsWith(program))
    expect(actor).toMatchObject({ certainty: 'captured', account: 'root', accountId: 0 })
    expect(actor?.commandLine).toContain(by)
    expect(actor?.tree.at(-1)?.pid).toBe(1)
    expect(told.overflows).toEqual([])
  })

  test('what is excluded, ignored or not tracked is not told', async () => {
    await open('fanotify', { excludes: [`${folder}/*.tmp`], ignore: [`${folder}/own`] })
    await script('mkdir $F/own; touch $O/a $F/b.tmp $F/own/c $F/own/d; touch $F/last')
    await expect.poll(() => told.of(`${folder}/last`)).toBeDefined()
    expect([...new Set(told.touches.map(({ path }) => path))]).toEqual([`${folder}/last`])
  })

  test('a link that leads out is told under the tracked path, a tracked path through a link too', async () => {
    await script('mkdir -p $O/real/inner $O/base; touch $O/lone; ln -s base $O/link')
    const outside = join(folder, '..')
    const aliases = [
      { real: `${outside}/real`, tracked: `${folder}/followed` },
      { real: `${outside}/lone`, tracked: `${folder}/alone` },
    ]
    await open('fanotify', { aliases }, [folder, `${outside}/link`])
    await script('touch $O/real/inner/f; echo x > $O/lone; touch $O/base/b')
    for (const path of [`${folder}/followed/inner/f`, `${folder}/alone`, `${outside}/link/b`])
      await expect.poll(() => told.of(path)).toBeDefined()
    told.clear()
    await script('mv $O/real $O/other')
    await expect.poll(() => told.of(`${folder}/followed`)?.kinds).toContain('moved-from')
    await script('mkdir $O/base2; ln -sfn base2 $O/link')
    await expect.poll(() => told.of(`${outside}/link`)).toBeDefined()
    await expect.poll(async () => (await script('touch $O/base2/new'), told.of(`${outside}/link/new`))).toBeDefined()
  })

  test('from the event to the callback it takes less than 300 ms', TRIES, async () => {
    await open('fanotify')
    const waits: number[] = []
    for (let round = 0; round < 5; round += 1) {
      await script(`touch $F/${round}`)
      const doneMs = performance.now()
      await expect.poll(() => told.of(`${folder}/${round}`), { interval: 1 }).toBeDefined()
      waits.push(performance.now() - doneMs)
    }
    expect(Math.max(...waits)).toBeLessThan(300)
  })

  test('a process in another mount namespace is told by our path', TRIES, async () => {
    await script('mkdir $O/elsewhere')
    await open('fanotify')
    await run(
      'unshare',
      '-m',
      'sh',
      '-c',
      `mount --bind ${folder} ${folder}/../elsewhere; touch ${folder}/../elsewhere/x`,
    )
    await expect.poll(() => told.of(`${folder}/x`)?.actors[0]).toMatchObject({ certainty: 'captured' })
    expect(told.of(`${folder}/x`)?.actors[0]?.commandLine).toContain('touch')
  })

  test('what is mounted below is looked at, and watched from then on', async () => {
    await script('mkdir $F/mounted')
    await open('fanotify')
    await script('mount -t tmpfs none $F/mounted')
    try {
      await expect.poll(() => told.overflows.flatMap(({ roots }) => roots)).toContain(`${folder}/mounted`)
      await script('touch $F/mounted/x')
      await expect.poll(() => told.of(`${folder}/mounted/x`)).toBeDefined()
      told.clear()
    } finally {
      // The watch must not keep it busy.
      await script('umount $F/mounted')
    }
    await expect.poll(() => told.overflows.flatMap(({ roots }) => roots)).toContain(`${folder}/mounted`)
  })

  test('a bind mount is told by both paths', async () => {
    await script('mkdir -p $O/source/sub $F/bound; mount --bind $O/source/sub $F/bound')
    try {
      await open('fanotify')
      await script('touch $O/source/sub/a; touch $F/bound/b')
      await expect.poll(() => told.of(`${folder}/bound/a`)).toBeDefined()
      await expect.poll(() => told.of(`${folder}/bound/b`)).toBeDefined()
    } finally {
      await script('umount $F/bound')
    }
  })

  test('a filesystem that fanotify refuses is watched through inotify, and that is said', async () => {
    await script('mkdir $O/l $O/u $O/w $F/merged; touch $O/l/a')
    await script(
      'mount -t tmpfs none $O/u; mkdir $O/u/u $O/u/w; mount -t overlay none -o lowerdir=$O/l,upperdir=$O/u/u,workdir=$O/u/w $F/merged',
    )
    try {
      await open('fanotify')
      await expect.poll(() => told.blind.map(({ root }) => root)).toContain(`${folder}/merged`)
      expect(told.blind.find(({ root }) => root.endsWith('merged'))?.reason).toMatch(
        /overlay.*cannot be watched.*inotify/,
      )
      await script('touch $F/merged/b')
      await expect.poll(() => told.of(`${folder}/merged/b`)).toBeDefined()
      expect(told.of(`${folder}/merged/b`)?.actors[0]).toMatchObject({ certainty: 'unknown' })
    } finally {
      await script('umount $F/merged; umount $O/u')
    }
  })

  test('100,000 events on 10,000 files by two processes: each file is told, or an overflow covers it', async () => {
    await open('fanotify')
    const loop = (from: number): string =>
      `mkdir -p ${folder}/d${from}; for round in 1 2 3 4 5; do i=0; while [ $i -lt 5000 ]; do echo x >> ${folder}/d${from}/$i; i=$((i+1)); done; done`
    await Promise.all([run('sh', '-c', loop(1)), run('sh', '-c', loop(2))])
    await script('touch $F/last')
    await expect.poll(() => told.of(`${folder}/last`) ?? told.overflows[0], { timeout: 10_000 }).toBeDefined()
    const paths = new Set(told.touches.map(({ path }) => path))
    const missed = [1, 2].flatMap((each) =>
      Array.from({ length: 5_000 }, (_, index) => `${folder}/d${each}/${index}`).filter((path) => !paths.has(path)),
    )
    expect(missed.length === 0 || told.overflows.some(({ roots }) => roots.includes(folder))).toBe(true)
    const first = told.of(`${folder}/d1/4999`)?.actors[0]
    if (missed.length === 0) expect(first?.commandLine).toContain('d1')
  }, 60_000)
})

describe('through inotify', () => {
  test.each(ROWS)('$name is told', async ({ before, script: text, path, kind }) => {
    if (before !== undefined) await script(before)
    expect(await open('inotify')).toMatchObject({ method: 'inotify', trouble: expect.stringContaining('inotify') })
    await script(text)
    const full = `${folder}/${path}`
    // Below a folder that is new, all that is found is created.
    await expect
      .poll(() => told.of(full)?.kinds, { timeout: 5_000, interval: 5 })
      .toSatisfy(
        (kinds?: readonly TouchKind[]) => kinds?.includes(kind) === true || kinds?.includes('created') === true,
      )
    expect(told.of(full)?.actors[0]).toMatchObject({ certainty: 'unknown', note: expect.stringContaining('inotify') })
  })

  test('a folder that is moved away is watched no more, one that comes is', async () => {
    await script('mkdir -p $F/d/e $O/n/m; touch $O/n/m/f')
    await open('inotify')
    await script('mv $F/d $O/d; mv $O/n $F/n')
    await expect.poll(() => told.of(`${folder}/n/m/f`)?.kinds).toEqual(['created'])
    told.clear()
    await script('touch $O/d/e/x; touch $F/n/m/y')
    await expect.poll(() => told.of(`${folder}/n/m/y`)).toBeDefined()
    expect(told.touches.map(({ path }) => path).filter((path) => path.endsWith('x'))).toEqual([])
  })
})

test('a watch that is disposed tells nothing more, and once more is no harm', async () => {
  const opened = await open('inotify')
  await opened[Symbol.asyncDispose]()
  await opened[Symbol.asyncDispose]()
  await script('touch $F/a')
  await opened.watch(interestedIn([folder]))
  expect(told.touches).toEqual([])
})

test('an abort ends it', async () => {
  const stop = new AbortController()
  watch = await openWatch({ clock: systemClock, signal: stop.signal, ...told })
  stop.abort()
  await watch[Symbol.asyncDispose]()
  expect(told.blind).toEqual([])
})

test('callbacks that take long hold batches back, and nothing is lost', async () => {
  const gate = Promise.withResolvers<void>()
  const opened = await openWatch({
    clock: systemClock,
    signal: new AbortController().signal,
    prefer: 'inotify',
    ...told,
    onTouches: async (touches) => {
      told.onTouches(touches)
      await gate.promise
    },
  })
  watch = opened
  await opened.watch(interestedIn([folder]))
  for (let round = 0; round < 20; round += 1) await script(`touch $F/${round}`)
  await expect.poll(() => told.touches.length).toBeGreaterThan(0)
  expect(told.touches.length).toBeLessThan(20)
  gate.resolve()
  await expect.poll(() => new Set(told.touches.map(({ path }) => path)).size).toBe(20)
})
