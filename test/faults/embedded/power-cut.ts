import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { DurableNodeFS } from '../../../src/platform/database/durable-filesystem.ts'

/**
 * What a disk would hold after a power cut: a shadow folder into which every write goes only when its file is synced.
 * Creating, renaming, removing and truncating files counts as durable at once, as on a journaling file system.
 */
export interface Disk {
  /** A folder as it would be found after the cut; of the blocks not synced, each survives with this probability. */
  cut(into: string, survival: number): void
}

interface Block {
  readonly at: number
  readonly bytes: Buffer
}

const BLOCK_BYTES = 8192
const O_TRUNC = 512

/* eslint-disable-next-line typescript/no-explicit-any -- Emscripten's file system has no types */
type Emscripten = any

export function createDisk(live: string, shadow: string): { files: DurableNodeFS; disk: Disk } {
  rmSync(shadow, { recursive: true, force: true })
  cpSync(live, shadow, { recursive: true })
  const unsynced = new Map<string, Block[]>()
  const shadowOf = (path: string): string => join(shadow, relative(live, path))

  class ObservedFS extends DurableNodeFS {
    override async init(
      ...parameters: Parameters<DurableNodeFS['init']>
    ): ReturnType<DurableNodeFS['init']> {
      const setup = await super.init(...parameters)
      const { emscriptenOpts } = setup
      const preRun = (emscriptenOpts.preRun ?? []) as ((module: Emscripten) => void)[]
      emscriptenOpts.preRun = [...preRun, (module: Emscripten) => observe(module.NODEFS)] as never
      return setup
    }
  }

  function observe(nodefs: Emscripten): void {
    if (nodefs.isObserved === true) return
    nodefs.isObserved = true
    const { stream_ops: streams, node_ops: nodes } = nodefs
    const pathOf = (node: unknown): string => nodefs.realPath(node) as string

    wrap(streams, 'write', (original, stream, buffer, offset, length, position) => {
      const written = original(stream, buffer, offset, length, position) as number
      const bytes = Buffer.from(
        new Uint8Array(buffer.buffer ?? buffer, (buffer.byteOffset ?? 0) + offset, written),
      )
      remember(pathOf(stream.node), bytes, position ?? stream.position)
      return written
    })
    wrap(streams, 'fsync', (original, stream) => {
      const path = pathOf(stream.node)
      write(shadowOf(path), unsynced.get(path) ?? [])
      unsynced.delete(path)
      return original(stream)
    })
    wrap(streams, 'open', (original, stream) => {
      const result = original(stream)
      const path = pathOf(stream.node)
      if (stream.nfd !== undefined) {
        create(shadowOf(path))
        if ((stream.flags & O_TRUNC) !== 0) truncate(path, 0)
      }
      return result
    })
    wrap(nodes, 'setattr', (original, node, attributes) => {
      const result = original(node, attributes)
      if (attributes.size !== undefined) truncate(pathOf(node), attributes.size)
      return result
    })
    wrap(nodes, 'rename', (original, node, folder, name) => {
      const from = pathOf(node)
      const to = join(pathOf(folder), name)
      const result = original(node, folder, name)
      if (existsSync(shadowOf(from))) {
        mkdirSync(dirname(shadowOf(to)), { recursive: true })
        renameSync(shadowOf(from), shadowOf(to))
      }
      const moved = unsynced.get(from)
      unsynced.delete(from)
      if (moved === undefined) unsynced.delete(to)
      else unsynced.set(to, moved)
      return result
    })
    wrap(nodes, 'unlink', (original, parent, name) => {
      const path = join(pathOf(parent), name)
      rmSync(shadowOf(path), { force: true })
      unsynced.delete(path)
      return original(parent, name)
    })
    wrap(nodes, 'mknod', (original, ...rest) => {
      const node = original(...rest)
      const path = pathOf(node)
      if (statSync(path).isDirectory()) mkdirSync(shadowOf(path), { recursive: true })
      else create(shadowOf(path))
      return node
    })
  }

  function remember(path: string, bytes: Buffer, at: number): void {
    const blocks = unsynced.get(path) ?? []
    unsynced.set(path, blocks)
    for (let offset = 0; offset < bytes.length;) {
      const length = Math.min(BLOCK_BYTES - ((at + offset) % BLOCK_BYTES), bytes.length - offset)
      blocks.push({ at: at + offset, bytes: bytes.subarray(offset, offset + length) })
      offset += length
    }
  }

  function truncate(path: string, size: number): void {
    if (existsSync(shadowOf(path))) truncateSync(shadowOf(path), size)
    const blocks = unsynced.get(path)
    if (blocks !== undefined)
      unsynced.set(
        path,
        blocks.filter(({ at }) => at < size),
      )
  }

  return {
    files: new ObservedFS(live),
    disk: {
      cut(into, survival) {
        rmSync(into, { recursive: true, force: true })
        cpSync(shadow, into, { recursive: true })
        for (const [path, blocks] of unsynced) {
          const surviving = blocks.filter(() => Math.random() < survival)
          write(join(into, relative(live, path)), surviving)
        }
      },
    },
  }
}

function wrap(
  target: Emscripten,
  name: string,
  around: (original: Emscripten, ...parameters: Emscripten[]) => unknown,
): void {
  const original = target[name].bind(target)
  target[name] = (...parameters: Emscripten[]) => around(original, ...parameters)
}

function create(path: string): void {
  if (existsSync(path)) return
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, '')
}

function write(path: string, blocks: readonly Block[]): void {
  if (blocks.length === 0) return
  create(path)
  const file = openSync(path, 'r+')
  for (const { at, bytes } of blocks) writeSync(file, bytes, 0, bytes.length, at)
  closeSync(file)
}
