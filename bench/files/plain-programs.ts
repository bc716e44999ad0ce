import type { Contestant, Ground } from './contestant.ts'
import { quoted, runPlain } from './process.ts'

/** What everybody has: two at once, as the machine has two cores. */
export function findSha256sum({ tree }: Ground): Contestant {
  const script = `find ${quoted(tree)} -xdev -type f -print0 | xargs -0 -P2 sha256sum >/dev/null`
  return {
    name: 'sha256sum',
    steps: [{ work: 'hash', what: 'find | xargs -P2 sha256sum', words: ['sh', '-c', script], codes: [0] }],
  }
}

/** One core, and the same SHA instructions as ours. */
export function opensslDigest({ tree }: Ground): Contestant {
  const script = `openssl dgst -sha256 ${quoted(tree)}/large-* >/dev/null`
  return {
    name: 'openssl',
    steps: [{ work: 'hash', what: 'openssl dgst -sha256', words: ['sh', '-c', script], codes: [0] }],
  }
}

/** The least that any scan has to do: a walk and one stat for each file. */
export function findPrintf({ tree }: Ground): Contestant {
  const format = String.raw`%p %D %i %s %m %U %G %n %T@ %C@\n`
  const script = `find ${quoted(tree)} -xdev -printf ${quoted(format)} >/dev/null`
  return { name: 'find', steps: [{ work: 'list', what: 'find -printf', words: ['sh', '-c', script], codes: [0] }] }
}

/** Not a contestant: reads every file once, so that the cache has them all. */
export function readAll(tree: string): void {
  runPlain({ words: ['sh', '-c', `find ${quoted(tree)} -xdev -type f -print0 | xargs -0 cat >/dev/null`] })
}
