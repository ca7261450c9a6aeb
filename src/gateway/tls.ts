import { readFileSync, unwatchFile, watchFile } from 'node:fs'
import type { Socket } from 'node:net'
import { createServer, type Server, type TLSSocket } from 'node:tls'
import type { Log } from '../platform/log.ts'

/** Files in PEM. What renews them may replace them at any time. */
export interface TlsFiles {
  readonly certificate: string
  readonly key: string
}

export interface TlsServer {
  readonly server: Server
  /** Forgets the files, and whoever connected and never finished its handshake. */
  stop(): void
}

const LOOK_EVERY_MS = 5_000
const SOCKETS = { allowHalfOpen: true, noDelay: true, handshakeTimeout: 10_000 }

/**
 * A server for TLS, with HTTP/2 for those who want it. New certificates are used for new connections within seconds; a
 * pair that does not fit together, as while it is being replaced, is tried again, and the old one serves meanwhile.
 */
export function createTlsServer(
  files: TlsFiles,
  log: Log,
  accept: (socket: TLSSocket) => void,
): TlsServer {
  const read = () => ({ cert: readFileSync(files.certificate), key: readFileSync(files.key) })
  const server = createServer({ ...read(), ALPNProtocols: ['h2', 'http/1.1'], ...SOCKETS }, accept)
  server.on('tlsClientError', (error) => log.debug('gateway.tls_refused', { error }))

  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
  })

  function reload(): void {
    try {
      server.setSecureContext(read())
      log.info('gateway.certificate_loaded', { certificate: files.certificate })
    } catch (error) {
      log.error('gateway.certificate_unusable', { certificate: files.certificate, error })
    }
  }

  const watched = [files.certificate, files.key]
  for (const file of watched)
    watchFile(file, { interval: LOOK_EVERY_MS, persistent: false }, reload)
  return {
    server,
    stop() {
      for (const socket of open) socket.destroy()
      for (const file of watched) unwatchFile(file, reload)
    },
  }
}
