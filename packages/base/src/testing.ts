export { ManualClock } from './manual-clock.ts'
export { randomFrom } from './seeded-random.ts'
export { brokenText } from './broken-text.ts'
