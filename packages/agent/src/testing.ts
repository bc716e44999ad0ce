export { SinkStream } from './sink/sink-stream.ts'
