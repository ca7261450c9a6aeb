import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { KyselyPlugin } from 'kysely'
import type { Database } from '../../src/platform/database/database.ts'

/**
 * How a process ends in the middle: what it says to the database and to Stripe is counted, and after so many words it is
 * dead. Nothing it still wants to do takes effect; what was committed or carried out stays.
 */
export type Death =
  /** Before a statement, so that its transaction comes to nothing; or after a commit nobody heard of any more. */
  | { readonly at: 'statement' | 'commit'; readonly count: number }
  /** At a request that changes something in Stripe, before or after Stripe has carried it out. */
  | { readonly at: 'request'; readonly count: number; readonly isCarriedOut: boolean }

export class Died extends Error {}

export interface Mortality {
  isDead(): boolean
  /** Where the process is going to die; undefined lets it live. */
  doom(death: Death | undefined): void
  database(real: Database): Database
  /** Stripe's address for this process, which goes with it. */
  wire(stripeUrl: string): Promise<string>
  /** The process is gone, however it ended. */
  end(): void
}

export function createMortality(): Mortality {
  let isDead = false
  let doom: Death | undefined
  let left = 0
  let server: Server | undefined

  function end(): void {
    isDead = true
    server?.closeAllConnections()
    server?.close()
  }

  /** Whether this is where it ends. */
  function isLast(at: Death['at']): boolean {
    if (doom?.at !== at) return false
    left -= 1
    return left <= 0
  }

  function statement(): void {
    if (!isDead && isLast('statement')) end()
    if (isDead) throw new Died('The process is dead')
  }

  const plugin: KyselyPlugin = {
    transformQuery({ node }) {
      statement()
      return node
    },
    transformResult: ({ result }) => Promise.resolve(result),
  }

  return {
    isDead: () => isDead,
    end,

    doom(death) {
      doom = death
      left = death?.count ?? 0
    },

    database: (real) => ({
      ...real,
      db: real.db.withPlugin(plugin),
      async transaction(work) {
        if (isDead) throw new Died('The process is dead')
        const result = await real.transaction(async (tx) => {
          const done = await work(tx.withPlugin(plugin))
          if (isDead) throw new Died('The process died before it could commit')
          return done
        })
        if (isLast('commit')) end()
        if (isDead) throw new Died('The process died when it had committed')
        return result
      },
      close: () => Promise.resolve(),
    }),

    async wire(stripeUrl) {
      server = createServer((request, response) => {
        void (async () => {
          const chunks: Buffer[] = []
          for await (const chunk of request) chunks.push(chunk as Buffer)
          const { method = 'GET', url = '', headers } = request
          const { host: _, connection: __, 'content-length': ___, ...kept } = headers
          const isChange = method !== 'GET'
          const isEnd = isChange && isLast('request')
          const body = isChange ? Buffer.concat(chunks) : null
          const carryOut = () =>
            fetch(`${stripeUrl}${url}`, { method, headers: kept as Record<string, string>, body })
          if (isEnd && doom?.at === 'request') {
            if (doom.isCarriedOut) await (await carryOut()).text()
            return end()
          }
          const answer = await carryOut()
          const text = await answer.text()
          response.writeHead(answer.status, {
            ...Object.fromEntries(answer.headers),
            'content-length': String(Buffer.byteLength(text)),
          })
          response.end(text)
        })().catch(() => request.socket.destroy())
      })
      await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    },
  }
}
