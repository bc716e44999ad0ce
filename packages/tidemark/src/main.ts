import { runProgram } from './program.ts'
import { runHere } from './run-here.ts'

// A program that was started by "tidemark up" ends with it, even when "up" was killed and could say nothing.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
// Listening for that must not keep a program running that has done its work.
process.channel?.unref()

await runHere(async (context) => await runProgram(process.argv.slice(2), context))
