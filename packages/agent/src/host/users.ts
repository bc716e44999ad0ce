import { readFileSync } from 'node:fs'

/** The user ids of these names and ids; `unknown` are names that /etc/passwd does not have (passwd(5)). */
export function userIds(users: readonly (string | number)[]): {
  readonly ids: readonly number[]
  readonly unknown: readonly string[]
} {
  const byName = users.some((user) => typeof user === 'string') ? passwdIds() : new Map<string, number>()
  const ids: number[] = []
  const unknown: string[] = []
  for (const user of users) {
    const id = typeof user === 'number' ? user : (byName.get(user) ?? (/^\d+$/.test(user) ? Number(user) : undefined))
    if (id === undefined) unknown.push(String(user))
    else ids.push(id)
  }
  return { ids, unknown }
}

function passwdIds(): Map<string, number> {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n')
  return new Map(
    lines.flatMap((line): [string, number][] => {
      const [name = '', , id = ''] = line.split(':')
      return /^\d+$/.test(id) ? [[name, Number(id)]] : []
    }),
  )
}
