import type { Mode } from '../../kit/mode.ts'
import { AppError } from '../../errors.ts'
import type { Inbox } from '../../domain/webhooks/service.ts'

const OF_THE_OTHER_MODE = new Set(['webhook_signature_invalid', 'webhook_mode_mismatch'])

/**
 * The mode a webhook path is for. The paths without one take both: the signature decides, and where both modes share a
 * secret, the event itself.
 */
export function createWebhookReceiver(inbox: Inbox) {
  return async (path: string, payload: Buffer, signature: string): Promise<void> => {
    let refusal = new AppError('webhook_signature_invalid', {})
    for (const mode of modesOf(path)) {
      try {
        await inbox.receive(mode, payload, signature)
        return
      } catch (error) {
        if (!(error instanceof AppError) || !OF_THE_OTHER_MODE.has(error.code)) throw error
        if (error.code === 'webhook_mode_mismatch') refusal = error
      }
    }
    throw refusal
  }
}

function modesOf(path: string): readonly Mode[] {
  if (path.endsWith('/test') || path.endsWith('-test')) return ['test']
  return path.endsWith('/live') ? ['live'] : ['live', 'test']
}
