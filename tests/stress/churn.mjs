// Changes files below a folder at random: node churn.mjs FOLDER SEED COUNT. Each change is at least one event.
import { appendFileSync, chmodSync, renameSync, rmSync, writeFileSync } from 'node:fs'

const [folder, seed, count] = process.argv.slice(2)
let at = Number(seed)
/** Numbers in [0, below) that are the same for the same seed (mulberry32). */
function random(below) {
  at = (at + 0x6d2b79f5) | 0
  let mixed = Math.imul(at ^ (at >>> 15), 1 | at)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
}
const path = () => `${folder}/d${random(100)}/${random(120)}`
const acts = [
  () => appendFileSync(path(), `${random(1e9)}\n`),
  () => writeFileSync(path(), `${random(1e9)}\n`),
  () => renameSync(path(), path()),
  () => rmSync(path()),
  () => chmodSync(path(), [0o600, 0o640, 0o644, 0o755][random(4)]),
]
for (let done = 0; done < Number(count);) {
  try {
    acts[random(acts.length)]()
    done += 1
  } catch (error) {
    // Another one moved or removed it: that was no change.
    if (error.code !== 'ENOENT') throw error
  }
}
