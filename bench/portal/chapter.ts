import type { Figure } from '../report.ts'

/** The figures of a run as a table of docs/datasheet.md. */
export function figuresChapter({ figures }: { readonly figures: readonly Figure[] }): string {
  const rows = figures.map(({ what, value, unit }) => `| ${what} | ${rounded(value)} ${unit} |`)
  return ['| What | Measured |', '| --- | --: |', ...rows].join('\n')
}

function rounded(value: number): string {
  return Number.isInteger(value) || Math.abs(value) >= 100
    ? Math.round(value).toLocaleString('en-GB')
    : String(Number(value.toPrecision(3)))
}
