import { Worker } from 'node:worker_threads'
import type { Simulator, SimulatorOptions } from './options.ts'

interface Started {
  readonly type: 'started'
  readonly url: string
}
interface Failed {
  readonly type: 'failed'
  readonly message: string
}

/** The simulator in a thread of its own: simulating a year of renewals never holds up the caller's event loop. */
export async function startSimulatorThread(options: SimulatorOptions): Promise<Simulator> {
  const worker = new Worker(new URL(workerFile(), import.meta.url), { workerData: options })
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  const url = await new Promise<string>((resolve, reject) => {
    worker.once('error', reject)
    worker.once('message', (message: Started | Failed) => {
      worker.off('error', reject)
      if (message.type === 'started') resolve(message.url)
      else reject(new Error(message.message))
    })
  })
  return {
    url,
    async close() {
      worker.postMessage({ type: 'close' })
      await ended
    },
  }
}

/** Compiled, the worker ends in .js like everything else. */
function workerFile(): string {
  return import.meta.url.endsWith('.ts') ? './simulator-worker.ts' : './simulator-worker.js'
}
