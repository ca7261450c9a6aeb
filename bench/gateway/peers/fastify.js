import proxy from '@fastify/http-proxy'
import Fastify from 'fastify'

const [port, upstream] = process.argv.slice(2)
const server = Fastify({ logger: false, keepAliveTimeout: 75_000 })
await server.register(proxy, { upstream, undici: { connections: 128, pipelining: 1 } })
await server.listen({ port: Number(port), host: '127.0.0.1' })
