/** The end of a `--help`: each example on a line of its own. */
export function examplesText(examples: readonly string[]): string {
  return `\nExamples:\n${examples.map((example) => `  $ tidemark ${example}`).join('\n')}`
}
