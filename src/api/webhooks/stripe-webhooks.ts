import type { Mode } from '../../kit/mode.ts'
import { AppError } from '../../errors.ts'
import type { Inbox } from '../../domain/webhooks/service.ts'

/**
 * The mode a webhook path is for. The paths without one take both: the signature, which only one mode's secret fits,
 * decides.
 */
export function createWebhookReceiver(inbox: Inbox) {
  return async (path: string, payload: Buffer, signature: string): Promise<void> => {
    for (const mode of modesOf(path)) {
      try {
        await inbox.receive(mode, payload, signature)
        return
      } catch (error) {
        const isOther = error instanceof AppError && error.code === 'webhook_signature_invalid'
        if (!isOther) throw error
      }
    }
    throw new AppError('webhook_signature_invalid', {})
  }
}

function modesOf(path: string): readonly Mode[] {
  if (path.endsWith('/test') || path.endsWith('-test')) return ['test']
  return path.endsWith('/live') ? ['live'] : ['live', 'test']
}
