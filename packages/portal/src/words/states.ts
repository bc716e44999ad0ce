/** The words of what pages share: what is loading, what failed, fields, long values, copies. */
export const stateWords = {
  loading: 'Loading',
  away: 'The server cannot answer',
  failed: 'This did not work',
  isItRunning: 'Is it running? “tidemark status” tells more.',
  again: 'Try again',
  all: 'all',
  text: 'Text',
  close: 'Close',
  showLess: 'Show less',
  showAll: (count: number): string => `Show all ${count.toLocaleString()} characters`,
  copy: (what: string): string => `Copy ${what}`,
  copied: 'Copied',
  selected: 'Selected: copy it with Ctrl+C',
} as const

/** The words of the sign-in. */
export const signInWords = {
  title: 'Sign in to Tidemark',
  token: 'Token',
  hintBefore: 'It is in',
  tokenFile: 'server/admin.token',
  hintAfter: 'below the state folder; “npm start” prints it.',
  submit: 'Sign in',
} as const
