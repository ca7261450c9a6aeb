import pino from 'pino'

/**
 * Structured logs: one event per line, a stable `event` name first, ids and codes as fields.
 * Bodies, keys and card data are never passed in; the redaction below is the second lock, not the first.
 */
export interface Log {
  debug(event: string, fields?: LogFields): void
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  error(event: string, fields?: LogFields): void
  /** A log whose every line carries these fields. */
  child(fields: LogFields): Log
}

export type LogFields = Readonly<Record<string, unknown>>
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'
export type LogFormat = 'json' | 'text'

export interface LogOptions {
  readonly level: LogLevel
  readonly format: LogFormat
  readonly write?: (line: string) => void
}

const SECRET_FIELDS = ['authorization', 'cookie', 'apiKey', 'secret', 'password', 'token', 'key']

export function createLog({ level, format, write }: LogOptions): Log {
  const print = write ?? ((line: string) => void process.stderr.write(line))
  const destination = { write: (line: string) => print(format === 'json' ? line : toText(line)) }
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: pino.stdSerializers.errWithCause },
      redact: {
        paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]),
        censor: '[secret]',
      },
      messageKey: 'event',
    },
    destination,
  )
  return wrap(logger)
}

function wrap(logger: pino.Logger): Log {
  return {
    debug: (event, fields = {}) => logger.debug(fields, event),
    info: (event, fields = {}) => logger.info(fields, event),
    warn: (event, fields = {}) => logger.warn(fields, event),
    error: (event, fields = {}) => logger.error(fields, event),
    child: (fields) => wrap(logger.child(fields)),
  }
}

/** For a terminal: `12:00:01 warn webhook.failed eventId=evt_1 code=timeout`. */
function toText(line: string): string {
  const { time, level, event, error, ...fields } = JSON.parse(line) as Record<string, unknown>
  const pairs = Object.entries(fields).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  const stack = (error as { stack?: string } | undefined)?.stack
  const head = [String(time).slice(11, 19), level, event, ...pairs].join(' ')
  return `${head}\n${stack === undefined ? '' : `${stack}\n`}`
}
