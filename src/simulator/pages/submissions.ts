import { timingSafeEqual } from 'node:crypto'
import { hmacSha256Hex, randomToken, sha256Hex } from '../../kit/crypto.ts'
import type { Answer, Incoming } from '../wire/http.ts'

export const SEAL_FIELD = 'submission'

/** How many answers are remembered for forms that are sent again. */
const MAX_REMEMBERED = 2_000

/**
 * Forms carry a seal that only the page itself can have given them, and each takes effect once: sent again, by a double
 * click or by reloading, it gets its first answer. The same form with other data is another one.
 */
export interface Submissions {
  /** A fresh seal for a form that will be sent to the path. */
  seal(path: string): string
  /** Undefined for a form without a seal of ours for this path. */
  answer(incoming: Incoming, seal: string, work: () => Promise<Answer>): Promise<Answer> | undefined
}

export function createSubmissions(): Submissions {
  const secret = randomToken(32)
  const answers = new Map<string, Promise<Answer>>()

  function sign(nonce: string, path: string): string {
    return `${nonce}.${hmacSha256Hex(secret, `${nonce} ${path}`)}`
  }

  function isOurs(seal: string, path: string): boolean {
    const [nonce = ''] = seal.split('.')
    const expected = Buffer.from(sign(nonce, path))
    const given = Buffer.from(seal)
    return expected.length === given.length && timingSafeEqual(expected, given)
  }

  return {
    seal: (path) => sign(randomToken(16), path),
    answer(incoming, seal, work) {
      if (!isOurs(seal, incoming.path)) return undefined
      const key = sha256Hex(incoming.body)
      const first = answers.get(key)
      if (first !== undefined) return first
      const answer = work()
      answers.set(key, answer)
      // A failure of ours is no answer: trying again may work.
      answer.catch(() => answers.delete(key))
      for (const oldest of answers.keys()) {
        if (answers.size <= MAX_REMEMBERED) break
        answers.delete(oldest)
      }
      return answer
    },
  }
}
