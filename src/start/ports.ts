import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
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

function choose(host: string, port: number, what: string, flag: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === 'EADDRINUSE' || error.code === 'EACCES'
      reject(isTaken ? new AppError('port_in_use', { port, what, flag }, { cause: error }) : error)
    })
    probe.listen(port, host, () => {
      const { port: chosen } = probe.address() as AddressInfo
      probe.close(() => resolve(chosen))
    })
  })
}
