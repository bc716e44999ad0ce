import { builtIn, editorService, items } from '../analyzer/kusto.ts'
import type { KqlTable } from '../contract.ts'
import { tooMuch } from '../mistakes.ts'

/** What is known of the word at an offset, such as `(column) Computer: string`; `undefined` where nothing is. Never throws. */
export function hoverKql(text: string, offset: number, tables: Readonly<Record<string, KqlTable>>): string | undefined {
  if (tooMuch(text, {}) !== undefined) return undefined
  try {
    const told = editorService(text, tables).GetQuickInfo(Math.max(0, Math.min(Math.trunc(offset), text.length))).Text
    return told === null || told === '' ? undefined : told
  } catch {
    return undefined
  }
}

/** The call around a place: how the function may be called, and which argument is being written. */
export interface KqlSignatureHelp {
  readonly name: string
  /** Each way to call it. A last parameter that may come again has `…` behind its name. */
  readonly signatures: readonly { readonly label: string; readonly parameters: readonly string[] }[]
  /** Counts from 0. */
  readonly activeParameter: number
}

/** Signature help at an offset; `undefined` outside of a call of a built-in function. Never throws. */
export function signatureKql(
  text: string,
  offset: number,
  tables: Readonly<Record<string, KqlTable>>,
): KqlSignatureHelp | undefined {
  if (tooMuch(text, {}) !== undefined) return undefined
  const call = callAround(text.slice(0, Math.max(0, Math.trunc(offset))))
  if (call === undefined) return undefined
  const symbol = builtIn(call.name, tables)
  if (symbol === undefined) return undefined
  const signatures = items(symbol.Signatures).map(({ Parameters, HasRepeatableParameters }) => {
    const names = items(Parameters).map(({ Name }) => Name)
    const parameters = names.map((name, index) =>
      HasRepeatableParameters && index === names.length - 1 ? `${name}…` : name,
    )
    return { label: `${call.name}(${parameters.join(', ')})`, parameters }
  })
  const most = Math.max(0, ...signatures.map(({ parameters }) => parameters.length - 1))
  return { name: call.name, signatures, activeParameter: Math.min(call.argumentIndex, most) }
}

const QUOTED = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\/\/[^\n]*/g

/** The innermost parenthesis that is still open, if a name stands before it. */
function callAround(before: string): { readonly name: string; readonly argumentIndex: number } | undefined {
  const plain = before.replaceAll(QUOTED, (quoted) => ' '.repeat(quoted.length))
  let depth = 0
  let commas = 0
  for (let place = plain.length - 1; place >= 0; place -= 1) {
    const character = plain.charAt(place)
    if (')]}'.includes(character)) depth += 1
    else if (depth > 0 && '([{'.includes(character)) depth -= 1
    else if (depth === 0 && character === ',') commas += 1
    else if (depth === 0 && (character === '|' || character === ';')) return undefined
    else if (depth === 0 && '([{'.includes(character)) {
      const name = /([A-Za-z_]\w*)\s*$/.exec(plain.slice(0, place))?.[1]
      return name === undefined || character !== '(' ? undefined : { name, argumentIndex: commas }
    }
  }
  return undefined
}
