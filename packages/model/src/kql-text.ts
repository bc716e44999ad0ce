/** A KQL string literal that means exactly this text, whatever characters it holds. */
export function kqlString(text: string): string {
  return `"${text.replace(/[\\"\u0000-\u001f\u007f\u2028\u2029]/g, escape)}"`
}

function escape(character: string): string {
  if (character === '\\' || character === '"') return `\\${character}`
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
