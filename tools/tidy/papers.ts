import { baseName } from './source-file.ts'
import type { SourceFile } from './source-file.ts'

const DECISION_HEADINGS = ['Context', 'Decision', 'What we gave up', 'What would change our mind']
const FRAGMENT_KINDS = ['Added', 'Changed', 'Fixed', 'Removed', 'Security']
const TITLE_CHARACTERS_MAX = 100

/** Each decision tells why in four parts, and has a number of its own (style 25). */
export function decisionFiles(files: readonly SourceFile[]): string[] {
  const decisions = files.filter(
    ({ path }) => /^docs\/decisions\/[^/]+\.md$/.test(path) && baseName(path) !== 'README.md',
  )
  const numbers = new Map<string, string>()
  return decisions.flatMap((file) => {
    const lines: string[] = []
    const number = /^(\d{4})-[a-z0-9-]+\.md$/.exec(baseName(file.path))?.[1]
    const twin = number === undefined ? undefined : numbers.get(number)
    if (number === undefined) lines.push(`${file.path}: a decision is named 0007-why-segments.md`)
    else if (twin !== undefined) lines.push(`${file.path}: number ${number} is taken by ${twin}`)
    else numbers.set(number, file.path)
    const headings = [...file.text.matchAll(/^## (.+?)\s*$/gm)].map((match) => match[1])
    const missing = DECISION_HEADINGS.filter((heading) => !headings.includes(heading))
    if (missing.length > 0)
      lines.push(`${file.path}: no "## ${missing.join('", no "## ')}" (see docs/decisions/README.md)`)
    return lines
  })
}

/** A fragment of the next changelog says what changed, for whom, and what to do (changes/README.md). */
export function changeFragments(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path }) => /^changes\/[^/]+$/.test(path) && baseName(path) !== 'README.md')
    .flatMap((file) => {
      if (!file.path.endsWith('.md')) return [`${file.path}: a fragment is a .md file (see changes/README.md)`]
      const [title = '', gap = '', ...body] = file.text.split('\n')
      const lines: string[] = []
      const said = /^# (\w+): (\S.*)$/.exec(title)
      if (said === null || !FRAGMENT_KINDS.includes(said[1] ?? ''))
        lines.push(
          `${file.path}:1: the first line is "# <${FRAGMENT_KINDS.join('|')}>: what is different for the user"`,
        )
      if (title.length > TITLE_CHARACTERS_MAX)
        lines.push(`${file.path}:1: ${title.length} characters; a title has at most ${TITLE_CHARACTERS_MAX}`)
      if (gap.trim() !== '' || body.join('').trim() === '')
        lines.push(`${file.path}:2: after an empty line, a paragraph says why it matters and what the reader has to do`)
      return lines
    })
}

/** Each package has a README whose first paragraph names its nouns (style 20). */
export function packageReadmes(files: readonly SourceFile[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]))
  return files
    .filter(({ path }) => /^packages\/[^/]+\/package\.json$/.test(path))
    .flatMap(({ path }) => {
      const readme = path.replace('package.json', 'README.md')
      const file = byPath.get(readme)
      if (file === undefined) return [`${readme}: is missing; its first paragraph names the package's nouns`]
      const [title, first] = file.text.split(/\n\s*\n/)
      if (!title?.startsWith('# ')) return [`${readme}:1: starts with "# name"`]
      return first === undefined || /^\s*(#|```|\||-)/.test(first) || first.trim() === ''
        ? [`${readme}: the first paragraph under the title names the package's nouns, in a sentence`]
        : []
    })
}

/** A bench answers a question of the docs and says which (style 24, bench/README.md). */
export function benchPromises(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path }) => /^bench\/.*\.bench\.ts$/.test(path))
    .filter(({ text }) => !/^export const promise\b.*=/m.test(text))
    .map(({ path }) => `${path}: no "export const promise = '…'": which sentence of the docs does it measure?`)
}
