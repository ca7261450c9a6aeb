import http from 'node:http'
import { aSecret } from '../../gateway/world.ts'

export interface Load {
  /** Answers with 200 that arrived to their last byte. */
  readonly acknowledged: number
  readonly refused: number
  /** Calls whose answer never came. */
  readonly broken: number
}

/** Clients that call one after another until they are told to stop, whatever happens to the gateway. */
export function startLoad(
  urlOf: () => string,
  clients: number,
  key = 1,
): { stop(): Promise<Load> } {
  const agent = new http.Agent({ keepAlive: true, maxSockets: clients })
  const count = { acknowledged: 0, refused: 0, broken: 0 }
  const state = { isStopped: false }

  async function run(): Promise<void> {
    while (!state.isStopped) {
      const outcome = await ask(agent, urlOf(), key)
      count[outcome]++
      if (outcome !== 'acknowledged') await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  const running = Array.from({ length: clients }, run)
  return {
    async stop() {
      state.isStopped = true
      await Promise.all(running)
      agent.destroy()
      return count
    },
  }
}

function ask(agent: http.Agent, url: string, key: number): Promise<keyof Load> {
  return new Promise((resolve) => {
    const headers = { authorization: `Bearer ${aSecret(key)}` }
    const request = http.get(url, { agent, headers }, (response) => {
      let bytes = 0
      response.on('data', (chunk: Buffer) => (bytes += chunk.length))
      response.on('error', () => resolve('broken'))
      response.on('end', () => {
        const isWhole = bytes === Number(response.headers['content-length'])
        resolve(response.statusCode !== 200 ? 'refused' : isWhole ? 'acknowledged' : 'broken')
      })
    })
    request.setTimeout(5_000, () => request.destroy())
    request.on('error', () => resolve('broken'))
  })
}
