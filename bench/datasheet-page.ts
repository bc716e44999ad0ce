import { filesChapter } from './files/chapter.ts'
import { figuresChapter } from './portal/chapter.ts'

/** Every bench with a chapter, made from what it recorded. Adding one is a line here and two marks in the page. */
const chapters: Readonly<Record<string, (recorded: string) => string>> = {
  files: (recorded) => filesChapter(JSON.parse(recorded)),
  'portal-queries': (recorded) => figuresChapter(JSON.parse(recorded)),
}

/** What tools/bench.mjs records beside a bench's own figures. */
interface Provenance {
  readonly commit: string
  readonly isDirty: boolean
  readonly measuredAt: string
  readonly machine: {
    readonly processor: string
    readonly cores: number
    readonly memoryBytes: number
    readonly kernel: string
    readonly node: string
  }
}

/**
 * The datasheet with each chapter between its marks written anew. `recordedOf` gives a bench's results file, undefined
 * where nothing is recorded: that chapter stays as it is. Throws where a chapter has no marks.
 */
export function datasheetPage(page: string, recordedOf: (name: string) => string | undefined): string {
  let text = page
  for (const [name, chapter] of Object.entries(chapters)) {
    const recorded = recordedOf(name)
    if (recorded === undefined) continue
    text = between(text, name, `${provenanceText(name, JSON.parse(recorded))}\n\n${chapter(recorded)}`)
  }
  return text
}

/** Which run, of what, on which machine. */
function provenanceText(name: string, { commit, isDirty, measuredAt, machine }: Provenance): string {
  const memoryGib = Math.round(machine.memoryBytes / 1024 ** 3)
  return [
    `Measured on ${measuredAt.slice(0, 10)} by \`npm run bench -- ${name} --record\`,`,
    `commit \`${commit.slice(0, 12)}\`${isDirty ? ' with changes' : ''}:`,
    `${machine.processor}, ${machine.cores} cores, ${memoryGib} GiB, kernel ${machine.kernel}, Node ${machine.node}.`,
  ].join('\n')
}

function between(page: string, name: string, chapter: string): string {
  const start = `<!-- bench:${name} -->`
  const end = `<!-- /bench:${name} -->`
  const from = page.indexOf(start)
  const to = page.indexOf(end)
  if (from === -1 || to < from) throw new Error(`the datasheet has no place for ${name}: put ${start} and ${end} there`)
  return `${page.slice(0, from)}${start}\n\n${chapter.trim()}\n\n${page.slice(to)}`
}
