/** Who may import whom. A package may also import itself; nothing else is allowed. */
export const arrows: Readonly<Record<string, readonly string[]>> = {
  base: [],
  model: ['base'],
  linux: ['base'],
  forward: ['base'],
  bolt: ['base'],
  kql: ['base', 'model'],
  changetracking: ['base', 'model', 'linux', 'forward', 'bolt'],
  agent: ['base', 'model', 'linux', 'forward'],
  server: ['base', 'model', 'kql'],
  portal: ['base', 'model'],
  tidemark: ['base', 'model', 'linux', 'forward', 'bolt', 'kql', 'changetracking', 'agent', 'server'],
}
