import http from 'node:http'
import { createProxyServer } from 'http-proxy-3'

const [port, target] = process.argv.slice(2)
const agent = new http.Agent({ keepAlive: true, maxSockets: 128 })
const proxy = createProxyServer({ target, agent })
const server = http.createServer((request, response) => proxy.web(request, response))
server.keepAliveTimeout = 75_000
server.listen(Number(port), '127.0.0.1')
