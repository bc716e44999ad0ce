/**
 * Which of two Debian versions comes first: negative, zero or positive (deb-version(7)). Any two texts have an order.
 */
export function compareDebianVersions(one: string, other: string): number {
  const [first, second] = [partsOf(one), partsOf(other)]
  return (
    first.epoch - second.epoch ||
    compareParts(first.upstream, second.upstream) ||
    compareParts(first.revision, second.revision)
  )
}

function partsOf(version: string): { epoch: number; upstream: string; revision: string } {
  const [, epoch = '0', rest = ''] = /^(?:(\d{1,9}):)?([^]*)$/.exec(version) ?? []
  const dash = rest.lastIndexOf('-')
  return {
    epoch: Number(epoch),
    upstream: dash < 0 ? rest : rest.slice(0, dash),
    revision: dash < 0 ? '' : rest.slice(dash + 1),
  }
}

/** Runs of other characters and runs of digits by turns. */
function compareParts(one: string, other: string): number {
  let [at, of] = [0, 0]
  while (at < one.length || of < other.length) {
    while ((at < one.length && !isDigit(one[at])) || (of < other.length && !isDigit(other[of]))) {
      const order = weight(one[at]) - weight(other[of])
      if (order !== 0) return order
      at += 1
      of += 1
    }
    const [first, second] = [digitsAt(one, at), digitsAt(other, of)]
    const order = compareNumbers(first, second)
    if (order !== 0) return order
    at += first.length
    of += second.length
  }
  return 0
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9'
}

/** `~` comes before the end, the end before letters, letters before all others. */
function weight(character: string | undefined): number {
  if (character === undefined || isDigit(character)) return 0
  if (character === '~') return -1
  const code = character.charCodeAt(0)
  return /[A-Za-z]/.test(character) ? code : code + 0x1_0000
}

function digitsAt(text: string, at: number): string {
  return /^\d*/.exec(text.slice(at))?.[0] ?? ''
}

function compareNumbers(one: string, other: string): number {
  const [first, second] = [one.replace(/^0+/, ''), other.replace(/^0+/, '')]
  if (first.length !== second.length) return first.length - second.length
  return first < second ? -1 : first > second ? 1 : 0
}
