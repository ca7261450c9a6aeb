import http, { type IncomingHttpHeaders } from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Actor } from '../../support/actor.ts'
import { until } from '../../support/until.ts'
import { openWorld, type World } from '../../support/world.ts'

export interface ProxiedApi {
  readonly world: World
  /** Subscribed to the plan `pro`. */
  readonly ada: Actor
  /** Where the API behind the proxy listens. */
  readonly api: string
  /** The headers it saw. */
  readonly seen: IncomingHttpHeaders[]
}

/** An API, and Farebox beside it: what a proxy needs to stand in front of one and ask the other. */
export async function anAnsweredApi(): Promise<ProxiedApi> {
  const seen: IncomingHttpHeaders[] = []
  const server = http.createServer((request, response) => {
    seen.push(request.headers)
    response.end('from the API')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const world = await openWorld()
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await world.close()
  })
  const ada = await world.customer('Ada')
  await ada.subscribes('pro')
  return { world, ada, api: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen }
}

export async function freePort(): Promise<number> {
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

export async function isUp(url: string): Promise<void> {
  await until(
    () =>
      fetch(url).then(
        () => true,
        () => false,
      ),
    (answers) => answers,
  )
}
