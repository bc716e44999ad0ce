// Everything under tools/setup runs on any Node from 18 on and without dependencies: it is what installs them.

/** An expected end: the message says what, where and what now; no stack trace. */
export class SetupError extends Error {
  /** @param {string} message @param {number} exitCode */
  constructor(message, exitCode = 69) {
    super(message)
    this.exitCode = exitCode
  }
}

/** A line about the setting-up itself, on stderr: stdout belongs to what is started. */
export function say(text) {
  process.stderr.write(`${text}\n`)
}

/** Runs `main`; a SetupError becomes its message and its exit code, anything else keeps its stack. */
export async function runMain(main) {
  try {
    process.exitCode = await main()
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    say(`\n${error.message}`)
    process.exitCode = error.exitCode
  }
}
