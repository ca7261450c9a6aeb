import { NodeFS } from '@electric-sql/pglite/nodefs'
import { closeSync, fsyncSync, openSync } from 'node:fs'

/**
 * PGlite's file system with the one call it leaves out: fsync.
 *
 * As shipped, PGlite starts PostgreSQL with `-F` and its files ignore fsync, so a power cut may leave a folder that
 * no longer opens. Here every fsync of the write-ahead log reaches the disk. The hook is not public API; the version
 * of PGlite is therefore pinned, and `openDurable` refuses to start when no fsync is seen.
 */
export class DurableNodeFS extends NodeFS {
  fsyncCount = 0

  override async init(...[pg, options]: Parameters<NodeFS['init']>): ReturnType<NodeFS['init']> {
    const setup = await super.init(pg, options)
    const { emscriptenOpts } = setup
    const preRun = (emscriptenOpts.preRun ?? []) as ((module: EmscriptenModule) => void)[]
    const installFsync = (module: EmscriptenModule): void => {
      module.NODEFS.stream_ops.fsync = (stream) => {
        this.#fsync(module, stream)
        return 0
      }
    }
    emscriptenOpts.preRun = [...preRun, installFsync] as NonNullable<typeof emscriptenOpts.preRun>
    return setup
  }

  #fsync(module: EmscriptenModule, stream: EmscriptenStream): void {
    this.fsyncCount += 1
    if (stream.nfd !== undefined) {
      fsyncSync(stream.nfd)
      return
    }
    const directory = openSync(module.NODEFS.realPath(stream.node), 'r')
    try {
      fsyncSync(directory)
    } finally {
      closeSync(directory)
    }
  }
}

interface EmscriptenStream {
  /** The file descriptor; directories have none. */
  readonly nfd?: number
  readonly node: unknown
}

interface EmscriptenModule {
  readonly NODEFS: {
    readonly stream_ops: { fsync?: (stream: EmscriptenStream) => number }
    realPath(node: unknown): string
  }
}
