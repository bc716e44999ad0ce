const PARTS = [
  'null',
  '[]',
  '{}',
  '"',
  '\\',
  '1e999',
  '-1',
  'true',
  '"__proto__"',
  '\u0000',
  '\u{1f600}',
  ',',
  ':',
  '[[[[',
]

/** A text with one to three parts of it changed by chance, as senders get JSON wrong; `random` gives numbers in [0, 1). */
export function brokenText(text: string, random: () => number): string {
  let result = text
  for (let count = 1 + Math.floor(random() * 3); count > 0; count -= 1) {
    const [from, length] = [Math.floor(random() * result.length), Math.floor(random() * 12)]
    result = result.slice(0, from) + (PARTS[Math.floor(random() * PARTS.length)] ?? '') + result.slice(from + length)
  }
  return result
}
