export type { CommandContext } from './context.ts'
export { runProgram } from './program.ts'
