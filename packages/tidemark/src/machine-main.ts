import { runCommandLine } from './command-line.ts'
import { machineRepertoire } from './machine-program.ts'
import { runHere } from './run-here.ts'

// The first file of the package `tidemark-agent` (tools/package).
await runHere(async (context) => await runCommandLine(machineRepertoire, process.argv.slice(2), context))
