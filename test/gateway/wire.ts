import net from 'node:net'
import { onTestFinished } from 'vitest'
import { aSecret } from './harness.ts'

/** Sends bytes as they are and returns what came back until the end, the connection closing or the time being over. */
export function talk(
  { gateway }: { gateway: { url: string } },
  parts: string | readonly string[],
  {
    gapMs = 0,
    until,
    // For what is expected there is time, however busy the machine.
    waitMs = until === undefined ? 400 : 5_000,
  }: { gapMs?: number; waitMs?: number; until?: RegExp | ((text: string) => boolean) } = {},
): Promise<string> {
  const { hostname, port } = new URL(gateway.url)
  return new Promise((resolve) => {
    const socket = net.connect(Number(port), hostname)
    let text = ''
    let timer: NodeJS.Timeout | undefined
    const finish = (): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(text)
    }
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
      if (typeof until === 'function' ? until(text) : until?.test(text)) finish()
    })
    socket.on('error', finish)
    socket.on('close', finish)
    socket.on('connect', () => {
      void send(socket, [parts].flat(), gapMs).then(() => {
        timer = setTimeout(finish, waitMs)
      })
    })
  })
}

async function send(socket: net.Socket, parts: readonly string[], gapMs: number): Promise<void> {
  for (const part of parts) {
    if (socket.destroyed) return
    socket.write(part, 'latin1')
    if (gapMs > 0) await new Promise((resolve) => setTimeout(resolve, gapMs))
  }
}

export type Lane = 'fast' | 'slow'

/** The head of a request with a key. The slow lane gets it by a Connection field the fast lane does not take. */
export function head(lane: Lane, line: string, ...fields: readonly string[]): string {
  const connection = lane === 'slow' ? ['Connection: keep-alive, x-nothing'] : []
  return [
    `${line} HTTP/1.1`,
    'Host: api.test',
    `Authorization: Bearer ${aSecret()}`,
    ...connection,
    ...fields,
    '',
    '',
  ].join('\r\n')
}

/** Until the test ends, handles of connections look like none we know, as those of another Node might. */
export function hideHandles(): void {
  const server = net.createServer().listen(0)
  const { _handle: handle } = server as unknown as { _handle: object }
  const kind = handle.constructor
  server.close()
  Object.defineProperty(kind, 'name', { value: 'Unknown', configurable: true })
  onTestFinished(() => void Object.defineProperty(kind, 'name', { value: 'TCP' }))
}
