// `node bench/fleet/make.ts FOLDER [--scale 0.01] [--now 2026-11-24T12:00:00Z]`: makes a server's state folder with a fleet in
// it, see bench/README.md.
import { parseArgs } from 'node:util'

import { fleetIn } from './state-folder.ts'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { scale: { type: 'string', default: '0.01' }, now: { type: 'string' } },
})
const [folder] = positionals
const scale = Number(values.scale)
const nowMs = values.now === undefined ? Date.now() : Date.parse(values.now)
if (folder === undefined || !(scale > 0 && scale <= 10) || Number.isNaN(nowMs)) {
  console.error('Say a folder, and a scale above 0 and up to 10: node bench/fleet/make.ts FOLDER --scale 0.01')
  process.exitCode = 64
} else {
  const { size } = await fleetIn(folder, { scale, nowMs }, (text) => console.log(text))
  console.log(`${folder}: ${size.machines.toLocaleString('en-GB')} machines. Show them:`)
  console.log(`node packages/tidemark/src/main.ts server --state ${folder}`)
}
