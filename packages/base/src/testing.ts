export { ManualClock } from './manual-clock.ts'
export { randomFrom } from './seeded-random.ts'
