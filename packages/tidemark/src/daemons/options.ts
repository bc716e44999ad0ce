import { Command, InvalidArgumentError, Option } from 'commander'

import { examplesText } from '../terminal/examples.ts'

/** A command for a program that keeps running, with the options that all of them have. */
export function daemonCommand(name: string, description: string, examples: readonly string[]): Command {
  return new Command(name)
    .description(description)
    .addOption(
      new Option('--log-level <level>', 'how much is logged')
        .choices(['trace', 'debug', 'info', 'warn', 'error', 'fatal'])
        .default('info'),
    )
    .addHelpText('after', examplesText(examples))
}

/** The options without a log level that nobody said: a default must not win over the settings file. */
export function saidOptions<T extends { readonly logLevel?: string }>(
  options: T,
  command: Command,
): Omit<T, 'logLevel'> & { readonly logLevel?: string } {
  if (command.getOptionValueSource('logLevel') !== 'default') return options
  const { logLevel: _default, ...others } = options
  return others
}

/** A whole number of seconds as milliseconds. */
export function secondsAsMs(text: string): number {
  const seconds = Number(text)
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 86_400)
    throw new InvalidArgumentError('must be a whole number of seconds, from 1 to 86400.')
  return seconds * 1_000
}

/** A TCP port; 0 takes any that is free. */
export function portNumber(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError('must be a port, from 0 (any that is free) to 65535.')
  return port
}
