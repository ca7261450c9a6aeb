import type { AccessChange } from '../../domain/entitlements/access-changes.ts'
import type { AccessRecord } from '../../domain/entitlements/access-record.ts'
import type {
  DecisionAnswer,
  DecisionAsk,
  DecisionExplanation,
} from '../../domain/entitlements/decision.ts'
import type { Recalled } from '../../domain/entitlements/quota-authority.service.ts'
import type { LeaseAnswer, Spending } from '../../domain/entitlements/quota.ts'
import type { Routing } from '../../domain/routing/route.ts'
import type {
  PlaceAnswer,
  PlaceAsk,
  ReturnedPlaces,
  ReturnedTokens,
  TokenAnswer,
  TokenAsk,
} from '../../platform/counters/counters.ts'
import type { LogFields } from '../../platform/log.ts'
import type { EngineSettings, EngineStatus } from '../engine.ts'
import type { DeskAsk } from '../limits/quota-desk.ts'
import type { KeptAnswer, ReplayCall, ReplayClaim } from '../replays/replay-store.ts'
import type { ListenOptions } from '../listener.ts'

/** What a worker asks its parent. */
export type ParentMethods = {
  findAccess(hash: string): Promise<AccessRecord | undefined>
  currentRouting(): Promise<Routing>
  lease(producerId: string, asks: readonly DeskAsk[]): Promise<LeaseAnswer[]>
  giveBack(producerId: string, unspent: readonly Spending[]): Promise<void>
  takeTokens(asks: readonly TokenAsk[]): Promise<TokenAnswer[]>
  returnTokens(returned: readonly ReturnedTokens[]): Promise<void>
  takePlaces(holder: string, asks: readonly PlaceAsk[]): Promise<PlaceAnswer[]>
  returnPlaces(holder: string, returned: readonly ReturnedPlaces[]): Promise<void>
  keepAlive(holder: string): Promise<void>
  claimReplay(call: ReplayCall): Promise<ReplayClaim>
  keepReplay(call: ReplayCall, answer: KeptAnswer): Promise<void>
  releaseReplay(call: ReplayCall): Promise<void>
  sealed(producerId: string): void
  log(level: 'debug' | 'info' | 'warn' | 'error', event: string, fields: LogFields): void
}

/** What a parent asks its workers. */
export type WorkerMethods = {
  start(settings: EngineSettings, listen: ListenOptions): Promise<StartedWorker>
  hear(change: AccessChange): void
  recall(quota: Recalled): void
  status(): EngineStatus
  decide(ask: DecisionAsk): Promise<DecisionAnswer>
  explain(requestId: string): Promise<DecisionExplanation | undefined>
  flush(): Promise<void>
  /** Finishes what runs; the process ends afterwards. */
  close(): Promise<void>
}

/** Says that a connection comes along, where the parent accepts for its workers. */
export const CONNECTION = 'connection'

export interface StartedWorker {
  readonly port: number
  readonly producerId: string
}
