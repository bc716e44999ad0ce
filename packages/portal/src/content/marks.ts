/** What stands in a shown text for a secret that is hidden: `[redacted 3f2a]` (`ContentText` in the model). */
const MARK = /(\[redacted [0-9a-f]{1,64}\])/

/** Cuts a text at its marks: every second part is a mark. */
export function atMarks(text: string): string[] {
  return text.split(MARK)
}

/** Where a place in a text lies within a mark, where that mark begins and ends; else the place itself, twice. */
export function aroundMark(text: string, place: number): [from: number, to: number] {
  let from = 0
  for (const part of atMarks(text)) {
    const to = from + part.length
    if (from < place && place < to) return MARK.test(part) ? [from, to] : [place, place]
    from = to
  }
  return [place, place]
}
