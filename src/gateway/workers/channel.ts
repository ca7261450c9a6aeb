/**
 * Questions and answers between a parent process and its workers, over the channel Node gives them. Either side may ask;
 * the other's methods answer. Messages are structured clones, so bigints, dates and infinities arrive as they were.
 */
export type Methods = Readonly<Record<string, (...args: never[]) => unknown>>

/** The other side's methods, each answering later. */
export type Remote<Other extends Methods> = {
  readonly [Name in keyof Other]: (
    ...args: Parameters<Other[Name]>
  ) => Promise<Awaited<ReturnType<Other[Name]>>>
}

/** What both ends of the channel have in common. */
export interface ChannelEnd {
  readonly connected: boolean
  send?(message: object, callback: (error: Error | null) => void): unknown
  on(event: 'message' | 'disconnect', listener: (message: unknown) => void): unknown
}

type Message =
  | { readonly kind: 'ask'; readonly id: number; readonly name: string; readonly args: unknown[] }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly message: string }

interface Pending {
  readonly resolve: (value: never) => void
  readonly reject: (error: Error) => void
}

export function createChannel<Other extends Methods>(end: ChannelEnd, own: Methods): Remote<Other> {
  const pending = new Map<number, Pending>()
  let lastId = 0

  function send(message: Message): void {
    if (!end.connected) return failPending()
    end.send?.(message, (error) => {
      if (error !== null && message.kind === 'ask') {
        pending.get(message.id)?.reject(error)
        pending.delete(message.id)
      }
    })
  }

  function failPending(): void {
    for (const { reject } of pending.values()) reject(new Error('The other process is gone'))
    pending.clear()
  }

  async function answer({ id, name, args }: Extract<Message, { kind: 'ask' }>): Promise<void> {
    try {
      const method = own[name] as ((...args: unknown[]) => unknown) | undefined
      if (method === undefined) throw new Error(`There is no method ${name}`)
      send({ kind: 'answer', id, value: await method(...args) })
    } catch (error) {
      send({ kind: 'failure', id, message: error instanceof Error ? error.message : String(error) })
    }
  }

  end.on('disconnect', failPending)
  end.on('message', (received) => {
    const message = received as Message
    if (message.kind === 'ask') {
      void answer(message)
      return
    }
    const waiting = pending.get(message.id)
    pending.delete(message.id)
    if (message.kind === 'answer') waiting?.resolve(message.value as never)
    else waiting?.reject(new Error(message.message))
  })

  return new Proxy({} as Remote<Other>, {
    get:
      (_, name: string) =>
      (...args: unknown[]) =>
        new Promise((resolve, reject) => {
          const id = ++lastId
          pending.set(id, { resolve, reject })
          send({ kind: 'ask', id, name, args })
        }),
  })
}
