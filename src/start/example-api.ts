import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface ExampleApi {
  readonly url: string
  close(): Promise<void>
}

/** A call to try it with. */
export const EXAMPLE_PATH = '/v1/weather?city=Oslo'

const FORECASTS = ['clear', 'cloudy', 'rain', 'storm', 'snow', 'fog']
const MAX_ECHO_BYTES = 64 * 1024

/** A small API to put a price on while there is no real one: weather that depends on the city's name alone. */
export function startExampleApi(host: string, port: number): Promise<ExampleApi> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://example')
    const answer = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(`${JSON.stringify(body)}\n`)
    }
    switch (url.pathname) {
      case '/v1/ping':
        answer(200, { pong: true, customer: request.headers['x-customer-id'] ?? null })
        return
      case '/v1/weather':
        answer(200, weatherOf(url.searchParams.get('city') ?? 'Berlin'))
        return
      case '/v1/echo': {
        let text = ''
        request.setEncoding('utf8')
        request.on('data', (part: string) => (text = (text + part).slice(0, MAX_ECHO_BYTES)))
        request.on('end', () => answer(200, { method: request.method, body: text }))
        return
      }
      default:
        answer(404, {
          error: `There is nothing at ${url.pathname}; try /v1/ping or /v1/weather?city=Oslo.`,
        })
    }
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      const { port: actual } = server.address() as AddressInfo
      resolve({
        url: `http://${host}:${actual}`,
        close: () =>
          new Promise((done) => {
            server.close(() => done())
            server.closeAllConnections()
          }),
      })
    })
  })
}

function weatherOf(city: string): object {
  const sum = Array.from(city.toLowerCase()).reduce(
    (total, letter) => total + letter.charCodeAt(0),
    0,
  )
  return {
    city,
    forecast: FORECASTS[sum % FORECASTS.length],
    temperatureCelsius: (sum % 45) - 12,
  }
}
