import { coloured, type Terminal } from '../terminal/terminal.ts'

/** What one screen tells after the start. */
export interface UpScreen {
  readonly portalUrl: string
  readonly token: string
  readonly tokenFile: string
  readonly stateFolder: string
  readonly machine: string
  /** `412 files by Microsoft-CT-DCR (/etc/.*.conf)`, one line each. */
  readonly tracked: readonly string[]
  /** What cannot be seen and why, one line each. */
  readonly notTracked: readonly string[]
  readonly tryNext: readonly { readonly command: string; readonly meaning: string }[]
}

/** One screen: where to look, how to sign in, what is tracked, what is not, what to try. */
export function printScreen(terminal: Terminal, screen: UpScreen): void {
  const title = (text: string): string => coloured(terminal, 'bold', text)
  const lines = [
    '',
    `${title('Tidemark')} tracks ${coloured(terminal, 'cyan', screen.machine)}`,
    '',
    `  ${title('Portal')}       ${coloured(terminal, 'cyan', `${screen.portalUrl}/#token=${screen.token}`)}`,
    `               (signs you in; the token alone is in ${screen.tokenFile})`,
    ...block(
      title('Tracked'),
      'Tracked',
      screen.tracked.length > 0
        ? screen.tracked
        : ['nothing yet: the first look is still under way ("tidemark status" tells)'],
    ),
    ...block(
      title('Not seen'),
      'Not seen',
      screen.notTracked.length > 0 ? screen.notTracked : ['nothing is hidden from this account'],
    ),
    '',
    `  ${title('Try next')}`,
    ...screen.tryNext.map(({ command, meaning }) => `    ${command.padEnd(58)} ${coloured(terminal, 'dim', meaning)}`),
    '',
    `  State is kept in ${screen.stateFolder}. Ctrl-C stops everything; the next start goes on from there.`,
    '',
  ]
  terminal.write(`${lines.join('\n')}\n`)
}

function block(title: string, plainTitle: string, lines: readonly string[]): string[] {
  const gap = ' '.repeat(13 - plainTitle.length)
  return lines.map((line, index) => (index === 0 ? `  ${title}${gap}${line}` : `${' '.repeat(15)}${line}`))
}
