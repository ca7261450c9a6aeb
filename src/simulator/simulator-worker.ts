import { parentPort, workerData } from 'node:worker_threads'
import { startSimulator, type SimulatorOptions } from './simulator.ts'

/** The other side of simulator-thread.ts. */
async function run(): Promise<void> {
  const port = parentPort
  if (port === null) throw new Error('This file is the body of a worker thread')
  try {
    const simulator = await startSimulator(workerData as SimulatorOptions)
    port.on('message', () => {
      void simulator.close().finally(() => port.close())
    })
    port.postMessage({ type: 'started', url: simulator.url })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    port.postMessage({ type: 'failed', message })
    port.close()
  }
}

await run()
