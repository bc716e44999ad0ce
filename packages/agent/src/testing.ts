export { Sink } from './sink/sink.ts'
export { type SinkFiles, systemFiles } from './sink/sink-files.ts'
export { openSockets } from './sockets/sockets.ts'
