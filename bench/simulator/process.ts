import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export type Question =
  | { readonly type: 'usage'; readonly collects: boolean }
  | { readonly type: 'stop'; readonly collects: false }
export type Answer =
  | { readonly type: 'started'; readonly url: string }
  | ({ readonly type: 'usage' } & Usage)

export interface Usage {
  readonly cpuMs: number
  readonly heapBytes: number
  readonly rssBytes: number
}

/** A server in a process of its own, whose processor time can be told from ours. */
export interface MeasuredServer {
  readonly url: string
  /** With `collects`, after its garbage was collected. */
  usage(collects?: boolean): Promise<Usage>
  stop(): Promise<void>
}

export async function startServer(kind: 'simulator' | 'bare'): Promise<MeasuredServer> {
  const child = fork(join(import.meta.dirname, 'server.ts'), [kind], {
    execArgv: ['--expose-gc'],
  })
  const url = await answerOf(child, 'started')
  return {
    url: url.url,
    async usage(collects = false) {
      const answer = answerOf(child, 'usage')
      child.send({ type: 'usage', collects } satisfies Question)
      return answer
    },
    async stop() {
      const ended = once(child, 'exit')
      child.send({ type: 'stop', collects: false } satisfies Question)
      await ended
    },
  }
}

async function answerOf<T extends Answer['type']>(
  child: ChildProcess,
  type: T,
): Promise<Extract<Answer, { type: T }>> {
  const [answer] = (await once(child, 'message')) as [Answer]
  if (answer.type !== type) throw new Error(`Expected ${type}, got ${answer.type}`)
  return answer as Extract<Answer, { type: T }>
}
