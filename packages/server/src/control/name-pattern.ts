/**
 * Whether names match a pattern: `*` is any characters, none included, `?` is one; letter case does not count. Takes time
 * in proportion to the name times the pattern, whatever the pattern.
 */
export function namePattern(pattern: string): (name: string) => boolean {
  const wanted = pattern.toLowerCase()
  return (name) => isMatch(wanted, name.toLowerCase())
}

/** The last `*` is all that has ever to be tried anew: what stood before it matched already. */
function isMatch(pattern: string, name: string): boolean {
  let [at, next, star, tried] = [0, 0, -1, 0]
  while (next < name.length) {
    if (pattern[at] === '*') {
      star = at
      at += 1
      tried = next
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === name[next])) {
      at += 1
      next += 1
    } else if (star >= 0) {
      tried += 1
      next = tried
      at = star + 1
    } else return false
  }
  while (pattern[at] === '*') at += 1
  return at === pattern.length
}
