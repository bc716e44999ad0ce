import { resolve } from 'node:path'

import type { ExplainedRule, PathBytes, PathFacts } from '@tidemark/changetracking'
import { Command } from 'commander'

import type { CommandContext } from '../context.ts'
import { reasonOf } from '../host/files.ts'
import { factsOfPath } from '../host/path-facts.ts'
import { findInstallation } from '../installation/find-installation.ts'
import { examplesText } from '../terminal/examples.ts'
import { exitCodes } from '../terminal/exit.ts'
import { explanationText } from './explain-text.ts'
import { readRuleFile } from './rule-file.ts'
import { rulesInForce } from './rules-in-force.ts'

interface ExplainOptions {
  readonly rule?: string
  readonly state?: string
  readonly root?: string
  readonly json?: boolean
}

/** `tidemark rules explain`: which entry tracks a path, or why none does; exit code 1 where it is not tracked. */
export function explainCommand(context: CommandContext): Command {
  return new Command('explain')
    .description('Tell which entry of which rule tracks a path, or why none does')
    .argument('<path>', 'a path on this machine; it need not exist')
    .option('--rule <file>', 'a rule, or only its extensionSettings, instead of the rules in force on this machine')
    .option('--state <folder>', 'state folder of "tidemark up" (default: ./var here or above)')
    .option('--root <folder>', 'below which the agent keeps its things, where there is no state folder')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      examplesText([
        'rules explain /etc/ssh/sshd_config',
        'rules explain /srv/www/index.html --rule rule.json',
        'rules explain /etc/passwd --json',
      ]),
    )
    .action(async (path: string, options: ExplainOptions) => await explain(context, path, options))
}

async function explain(context: CommandContext, text: string, options: ExplainOptions): Promise<void> {
  const { explainPath } = await import('@tidemark/changetracking')
  const rules = await rulesFor(context, options)
  const { path, facts } = await lookAt(context, resolve(context.folder, text))
  const explanation = explainPath(rules, path, facts)
  const found = { exists: facts !== undefined, ...(facts ? { kind: facts.kind } : {}) }
  if (options.json) context.terminal.write(`${JSON.stringify({ ...explanation, ...found })}\n`)
  else context.terminal.write(explanationText(context.terminal, explanation, facts))
  context.setExitCode(explanation.isTracked ? exitCodes.ok : exitCodes.trouble)
}

async function rulesFor(context: CommandContext, options: ExplainOptions): Promise<readonly ExplainedRule[]> {
  if (options.rule !== undefined) return [readRuleFile(context.folder, options.rule)]
  const root = options.root ?? findInstallation(options, context.folder)?.root ?? '/'
  const { rules, problems } = await rulesInForce(resolve(context.folder, root))
  for (const { where, message } of problems)
    context.terminal.writeError(`left out of the rules in force: ${where}: ${message}\n`)
  return rules
}

/** The path as bytes (of several that are shown alike the one that is there), and what is there. */
async function lookAt(
  context: CommandContext,
  text: string,
): Promise<{ readonly path: PathBytes; readonly facts: PathFacts | undefined }> {
  const { pathsShownAs } = await import('@tidemark/changetracking')
  const [first = '/', ...others] = pathsShownAs(text)
  try {
    for (const path of [first, ...others]) {
      const facts = factsOfPath(path)
      if (facts !== undefined) return { path, facts }
    }
  } catch (error) {
    context.terminal.writeError(`It cannot be looked at, so its type and links are not judged: ${reasonOf(error)}\n`)
  }
  return { path: first, facts: undefined }
}
