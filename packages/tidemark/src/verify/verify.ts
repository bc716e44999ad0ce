import { resolve } from 'node:path'

import { systemClock } from '@tidemark/base'
import type { VerifiedFile, VerifyResult } from '@tidemark/changetracking/once'
import { Command } from 'commander'

import type { CommandContext } from '../context.ts'
import { isFolder } from '../host/files.ts'
import { bytesText, countText, nounText } from '../rules/amounts.ts'
import { examplesText } from '../terminal/examples.ts'
import { CommandError, exitCodes } from '../terminal/exit.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { showNowAndThen } from '../up/progress.ts'
import { VerifyTally, verdictLine } from './verify-text.ts'

interface VerifyCommandOptions {
  readonly json?: boolean
  readonly root?: string
  readonly package?: string
}

/** `tidemark verify`: files against the checksums of their packages, now and here. */
export function verifyCommand(context: CommandContext): Command {
  return new Command('verify')
    .summary('Compare files with what their packages brought')
    .description(
      'Compare files with the checksums of the packages that brought them, here and now.\nWithout a path: all files of all packages. With paths: what is at and below them, and what belongs to no package.',
    )
    .argument('[path...]', 'files or folders')
    .option('--package <name>', 'only the files of this package')
    .option('--root <folder>', 'another root: an image, a container, a captured tree')
    .option('--json', 'print each file that was judged as JSON, one a line, and at the end what was done')
    .addHelpText(
      'after',
      `${examplesText(['verify', 'verify /usr/bin /etc', 'verify --package openssh-server', 'verify --root /mnt/image --json | jq'])}\n\nExit codes: 0 all match, 1 something differs, 2 wrong words, 3 something could not be read.`,
    )
    .action(async (paths: string[], options: VerifyCommandOptions) => await verify(context, paths, options))
}

async function verify(context: CommandContext, paths: readonly string[], options: VerifyCommandOptions): Promise<void> {
  const { terminal, folder, signal } = context
  const root = resolve(folder, options.root ?? '/')
  if (!isFolder(root))
    throw new CommandError('bad-option', `--root ${options.root}: there is no such folder`, {
      exitCode: exitCodes.usage,
    })
  const tally = new VerifyTally(new Set(paths))
  const progress = showNowAndThen(terminal, 'verifying')
  // Loaded here: no other command waits for it.
  const { verifyPackages } = await import('@tidemark/changetracking/once')
  const result = await verifyPackages({
    root,
    // Below another root a path begins there, wherever this is called.
    paths: paths.map((path) => (options.root === undefined ? resolve(folder, path) : resolve('/', path))),
    ...(options.package === undefined ? {} : { package: options.package }),
    clock: systemClock,
    signal,
    onFile: (file) => {
      tally.add(file)
      printFile(terminal, file, options.json === true)
    },
    onProgress: ({ files, bytes }) => progress.tell(`${nounText(files, 'file')}, ${bytesText(bytes)}`),
  }).catch((error: unknown) => {
    progress.end()
    if (!signal.aborted) throw error
    throw new CommandError('interrupted', 'stopped; what was printed until then stands', { cause: error })
  })
  progress.end()
  assertAsked(result, options)
  if (options.json === true) terminal.write(`${JSON.stringify({ ...tally.summary, ...result })}\n`)
  else for (const line of summaryLines(tally, result)) terminal.writeError(`${line}\n`)
  context.setExitCode(exitCodeOf(tally, result))
}

function printFile(terminal: Terminal, file: VerifiedFile, isJson: boolean): void {
  if (isJson) return terminal.write(`${JSON.stringify(file)}\n`)
  const line = verdictLine(terminal, file)
  if (line !== undefined) terminal.write(`${line}\n`)
}

function assertAsked({ sources, packages }: VerifyResult, { package: name, root }: VerifyCommandOptions): void {
  if (sources.length === 0)
    throw new CommandError(
      'not-found',
      `no package manager keeps a database below ${root ?? '/'}; nothing can be verified`,
    )
  if (name !== undefined && packages === 0)
    throw new CommandError('not-found', `no package is called "${name}" here`, { exitCode: exitCodes.trouble })
}

function exitCodeOf(tally: VerifyTally, { gaps }: VerifyResult): number {
  if (tally.isDifferent) return exitCodes.trouble
  return gaps.length > 0 || tally.unreadable > 0 ? exitCodes.unavailable : exitCodes.ok
}

function summaryLines(tally: VerifyTally, { files, bytes, packages, sources, gaps }: VerifyResult): string[] {
  const seen = `${nounText(files, 'path')} of ${nounText(packages, 'package')} (${sources.join(', ')}), ${bytesText(bytes)} read`
  const { summary } = tally
  const counts = Object.entries(summary)
    .filter(([, count]) => count > 0)
    .map(([verdict, count]) => `${countText(count)} ${verdict}`)
  return [...gaps, ...tally.blindLines(), `${seen}: ${counts.join(', ') || 'nothing to verify'}.`]
}
