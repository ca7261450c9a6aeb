import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'
import type { Config } from '../config.ts'
import { AppError } from '../errors.ts'

/**
 * Looks for every port before anything is opened, so that a taken one is told in one line and changes nothing. Port 0
 * becomes a free one.
 */
export async function choosePorts(
  config: Config,
  wants: { simulator: boolean; example: boolean },
): Promise<Config> {
  const { host } = config
  const gateway = await choose(host, config.gateway.port, 'gateway', '--gateway-port')
  const console = await choose(host, config.console.port, 'console', '--console-port')
  const simulator = wants.simulator
    ? await choose(host, config.simulator.port, 'simulated Stripe', '--simulator-port')
    : config.simulator.port
  const example = wants.example
    ? await choose(host, config.example.port, 'example API', '--example-port')
    : config.example.port
  return {
    ...config,
    gateway: { ...config.gateway, port: gateway },
    console: { ...config.console, port: console },
    simulator: { ...config.simulator, port: simulator },
    example: { ...config.example, port: example },
  }
}

/** Below what systems hand to outgoing connections, one of which could take the port before it is opened. */
const FREE_PORTS = { from: 20_000, to: 32_767 }
const ATTEMPTS = 50

async function choose(host: string, port: number, what: string, flag: string): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const candidate = port === 0 ? randomInt(FREE_PORTS.from, FREE_PORTS.to) : port
    try {
      await probe(host, candidate)
      return candidate
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error
      if (port === 0 && attempt < ATTEMPTS) continue
      throw new AppError('port_in_use', { port: candidate, what, flag }, { cause: error })
    }
  }
}

function probe(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(port, host, () => server.close(() => resolve()))
  })
}
