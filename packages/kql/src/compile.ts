import type { CompileOptions, CompileOutcome, KqlTable } from './contract.ts'

/**
 * ClickHouse SQL with bound parameters for a KQL query, or what is wrong with it and where. Never throws, whatever the
 * text; the same arguments give the same answer.
 */
export function compileKql(_text: string, _options: CompileOptions): CompileOutcome {
  return { kind: 'rejected', problems: [] }
}

/** Loads the analyzer and runs it once, so that the first query need not wait for it (about half a second). */
export function warmUpKql(_tables: Readonly<Record<string, KqlTable>>): void {}
