import { createRequire } from 'node:module'

interface RawParser {
  initialize(type: number, resource: object, maxHeaderSize: number, lenient: number): void
  execute(bytes: Buffer): number | Error
  close(): void
  [hook: number]: unknown
}

interface ParserClass {
  new (): RawParser
  readonly REQUEST: number
  readonly RESPONSE: number
  readonly kOnHeaders: number
  readonly kOnHeadersComplete: number
  readonly kOnBody: number
  readonly kOnMessageComplete: number
}

// The parser behind node:http, at its strictest. It has no public name, and nothing but this comparison uses it.
process.removeAllListeners('warning')
const { HTTPParser, methods } = createRequire(import.meta.url)('_http_common') as {
  HTTPParser: ParserClass
  methods: string[]
}

/** What Node's parser makes of the first message in some bytes. */
export interface NodeReading {
  readonly method: string
  readonly url: string
  readonly status: number
  readonly isHttp11: boolean
  readonly isUpgrade: boolean
  readonly keepAlive: boolean
  /** Names in lower case, values trimmed, in order. */
  readonly fields: readonly (readonly [string, string])[]
  /** Its body came to its end too. */
  isComplete: boolean
}

export type MessageKind = 'request' | 'response'

/** Undefined when Node refuses the head. */
export function readLikeNode(kind: MessageKind, bytes: Buffer): NodeReading | undefined {
  return readAllLikeNode(kind, bytes)[0]
}

/** One message after another, until the bytes end or Node refuses them. */
export function readAllLikeNode(kind: MessageKind, bytes: Buffer): NodeReading[] {
  const parser = new HTTPParser()
  parser.initialize(kind === 'request' ? HTTPParser.REQUEST : HTTPParser.RESPONSE, {}, 0, 0)
  let flat: string[] = []
  let url = ''
  const readings: NodeReading[] = []
  parser[HTTPParser.kOnHeaders] = (headers: string[], part: string) => {
    flat.push(...headers)
    url += part
  }
  parser[HTTPParser.kOnHeadersComplete] = (
    major: number,
    minor: number,
    headers: string[] | undefined,
    method: number,
    part: string | undefined,
    status: number,
    _reason: string,
    isUpgrade: boolean,
    keepAlive: boolean,
  ) => {
    flat.push(...(headers ?? []))
    readings.push({
      method: methods[method] ?? '',
      url: url + (part ?? ''),
      status,
      isHttp11: major === 1 && minor === 1,
      isUpgrade,
      keepAlive,
      fields: pairs(flat),
      isComplete: false,
    })
    flat = []
    url = ''
    return 0
  }
  parser[HTTPParser.kOnBody] = () => undefined
  parser[HTTPParser.kOnMessageComplete] = () => {
    const last = readings.at(-1)
    if (last !== undefined) last.isComplete = true
  }
  parser.execute(bytes)
  parser.close()
  return readings
}

function pairs(flat: readonly string[]): [string, string][] {
  const fields: [string, string][] = []
  for (let i = 0; i + 1 < flat.length; i += 2) {
    fields.push([(flat[i] ?? '').toLowerCase(), (flat[i + 1] ?? '').trim()])
  }
  return fields
}
