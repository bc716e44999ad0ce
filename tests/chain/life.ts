/** What becomes of the operation that a trap is set for. */
export type Fate = 'dies' | 'fails'
/** Operations that a trap may be set for alone. */
export type Operation = 'data sync'

/** What a dead process meets, and a living one whose disk says no. */
export class DiskSaysNo extends Error {
  override readonly name = 'DiskSaysNo'
}

/**
 * The life of a process, as its disk sees it: operations are counted, and at the one that a trap is set for the disk says
 * no, or the process dies. The dead do nothing more.
 */
export class Life {
  #trap:
    | { at: number; readonly fate: Fate; readonly onSprung: () => void; readonly of: Operation | undefined }
    | undefined
  isDead = false

  /** The operation so many from now on (1 is the next), of all or of one kind, has this fate. */
  trap(at: number, fate: Fate, onSprung: () => void, of?: Operation): void {
    this.#trap = { at, fate, onSprung, of }
  }

  heal(): void {
    this.#trap = undefined
  }

  /** Counts an operation. Where its fate is met it is done in part (`half`), then this throws. */
  step(half: () => void = () => undefined, operation?: Operation): void {
    this.assertAlive()
    const trap = this.#trap
    if (trap === undefined || (trap.of !== undefined && trap.of !== operation)) return
    trap.at -= 1
    if (trap.at > 0) return
    this.#trap = undefined
    half()
    if (trap.fate === 'dies') this.isDead = true
    trap.onSprung()
    throw new DiskSaysNo('EIO: i/o error')
  }

  /** Nothing can be asked of the disk any more either. */
  assertAlive(): void {
    if (this.isDead) throw new DiskSaysNo('EIO: it is dead')
  }
}
