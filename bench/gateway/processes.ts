import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import net from 'node:net'

const isPinned = existsSync('/usr/bin/taskset')

/** Starts a program; its output is shown when it ends by itself. A core pins it, where the system can. */
export function startProgram(command: readonly string[], core: number | null): ChildProcess {
  const [program = '', ...args] =
    core !== null && isPinned ? ['taskset', '-c', String(core), ...command] : [...command]
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr?.on('data', (text: Buffer) => (said += text.toString('utf8')))
  child.on('exit', (code) => {
    if (code !== 0 && code !== null) process.stderr.write(`${command.join(' ')} ended: ${said}\n`)
  })
  return child
}

export async function freePort(): Promise<number> {
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as net.AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

export async function listens(port: number): Promise<void> {
  const deadline = Date.now() + 60_000
  while (Date.now() < deadline) {
    const isUp = await new Promise<boolean>((resolve) => {
      const socket = net.connect(port, '127.0.0.1', () => {
        socket.destroy()
        resolve(true)
      })
      socket.on('error', () => resolve(false))
    })
    if (isUp) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`Nothing listens on ${port}`)
}

/** CPU time of a process, its threads and its children, in microseconds: nanoseconds of the scheduler, not ticks. */
export function cpuMicros(pid: number): number {
  return familyOf(pid).reduce((sum, member) => sum + ownMicros(member), 0)
}

export function residentMegabytes(pid: number): number {
  return familyOf(pid).reduce((sum, member) => {
    const kilobytes = /VmRSS:\s+(\d+)/.exec(read(`/proc/${member}/status`))?.[1]
    return sum + Number(kilobytes ?? 0) / 1_024
  }, 0)
}

/** A process and its children stop where they are, until they go on. */
export function standStill(pid: number): void {
  for (const member of familyOf(pid)) signal(member, 'SIGSTOP')
}

export function goOn(pid: number): void {
  for (const member of familyOf(pid)) signal(member, 'SIGCONT')
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It ended.
  }
}

function ownMicros(pid: number): number {
  const threads = existsSync(`/proc/${pid}/task`) ? readdirSync(`/proc/${pid}/task`) : []
  return threads.reduce((sum, thread) => {
    const [nanoseconds = '0'] = read(`/proc/${pid}/task/${thread}/schedstat`).split(' ')
    return sum + Number(nanoseconds) / 1_000
  }, 0)
}

function familyOf(pid: number): number[] {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((other) => parentOf(other) === pid)
  return [pid, ...children.flatMap(familyOf)]
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0)
}

/** Processes come and go while they are listed. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
