export { clone, commandLine, RunningTidemark } from './host/running-tidemark.ts'
export type { AnswerRow, MachineAround, RunningOptions } from './host/running-tidemark.ts'
export { BootedMachine, whyNoMachine } from './testing/booted-machine.ts'
export type { BootOptions } from './testing/booted-machine.ts'
