export { clone, commandLine, RunningTidemark } from './host/running-tidemark.ts'
export type { AnswerRow, MachineAround, RunningOptions } from './host/running-tidemark.ts'
