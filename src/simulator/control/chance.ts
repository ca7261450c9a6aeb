import { hash } from 'node:crypto'

/** Numbers in [0, 1) that look random and follow from the seed: the same seed gives the same disorder. */
export function createChance(seed: string): () => number {
  let drawn = 0
  return () => {
    drawn += 1
    return hash('sha256', `${seed}:${drawn}`, 'buffer').readUInt32BE(0) / 2 ** 32
  }
}
