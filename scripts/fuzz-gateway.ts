/**
 * Compares the fast lane's grammars with Node's parser over millions of messages: whatever ours reads, Node must read the
 * same. `npm run fuzz:gateway -- --messages 10000000 --seed 1`; ends with code 1 and the first differences.
 */
import { parseArgs } from 'node:util'
import { fuzz } from '../test/gateway/fuzz.ts'

const ROUND = 250_000
const SHOWN = 10

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '4000000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
})
const total = Number(values.messages)
let seed = Number(values.seed)
let read = 0
let differing = 0
while (read < total) {
  const round = fuzz(seed, ROUND)
  read += round.read
  differing += round.differences.length
  for (const difference of round.differences.slice(0, SHOWN)) console.error(seed, difference)
  if (differing > SHOWN) break
  seed++
}
console.log(`${read} messages compared from seed ${values.seed}, ${differing} differences`)
process.exitCode = differing === 0 ? 0 : 1
