import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { Listeners } from './listeners.ts'
import { type OutgoingMessage, readMessage, SUBPROTOCOL } from './messages.ts'

export const SUBSCRIBE_PATH = '/stripecli/subscribe'

/** Larger than any answer the CLI passes on: it cuts them itself. */
const MAX_MESSAGE_BYTES = 1024 * 1024

/** The one websocket there is: Stripe's CLI, which names itself by the id its session was given. */
export function acceptCliConnections(
  server: Server,
  listeners: () => readonly Listeners[],
): { close(): void } {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  })

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const [path = ''] = (request.url ?? '').split('?')
    if (path !== SUBSCRIBE_PATH) {
      refuse(socket, '404 Not Found', 'There is no websocket here.')
      return
    }
    const queue: OutgoingMessage[] = []
    let send = (message: OutgoingMessage): void => void queue.push(message)
    const id = String(request.headers['websocket-id'] ?? '')
    let connection
    for (const realm of listeners()) connection ??= realm.connect(id, (message) => send(message))
    if (connection === undefined) {
      // The CLI knows these words: it opens another session.
      refuse(socket, '401 Unauthorized', 'Unknown WebSocket ID.')
      return
    }
    const { receive, close } = connection
    socket.once('close', close)
    sockets.handleUpgrade(request, socket, head, (client) => {
      send = (message) => client.send(JSON.stringify(message))
      for (const message of queue.splice(0)) send(message)
      client.on('message', (data) => {
        const message = readMessage((data as Buffer).toString('utf8'))
        if (message !== undefined) receive(message)
      })
      client.on('error', () => client.terminate())
    })
  })

  return {
    close() {
      for (const client of sockets.clients) client.terminate()
      sockets.close()
    },
  }
}

function refuse(socket: Duplex, status: string, message: string): void {
  const body = JSON.stringify({ error: { type: 'invalid_request_error', message } })
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}
