import { invalidRequest, notFound } from '../../errors.ts'
import { decimal } from '../../kit/decimal.ts'
import { formatInstant } from '../../kit/instant.ts'
import {
  type DecisionAnswer,
  type DecisionAsk,
  problemsOf,
} from '../../domain/entitlements/decision.ts'
import { contract } from '../contract/contract.ts'
import { implement, type Implementation } from '../http/implement.ts'
import type { Services } from '../services.ts'

/** The gateway's decisions, for programs. */
export function decisionRoutes({ decisions }: Services): Implementation[] {
  return [
    implement(contract.decide, async ({ body }) => {
      const ask: DecisionAsk = {
        key: body.key,
        method: body.method,
        host: body.host,
        path: body.path,
        address: body.ip ?? '',
        meters: body.meters === undefined ? null : amountsOf(body.meters),
        featureKey: body.feature ?? null,
        isConsuming: body.consume,
      }
      const problems = problemsOf(ask)
      if (problems.length > 0) throw invalidRequest(problems)
      return toApi(await decisions.decide(ask))
    }),

    implement(contract.getDecision, async ({ params }, { caller }) => {
      const explanation = await decisions.explain(params.requestId)
      const isOther = explanation?.mode !== null && explanation?.mode !== caller.mode
      if (explanation === undefined || isOther) throw notFound('decision')
      const { at, refusal, usage, ...rest } = explanation
      return {
        ...rest,
        at: formatInstant(at),
        refusal: refusal && { ...refusal, actions: [...refusal.actions] },
        usage: usage.map((each) => ({ ...each, credits: [...each.credits] })),
      }
    }),
  ]
}

function amountsOf(meters: Readonly<Record<string, string>>) {
  return Object.fromEntries(Object.entries(meters).map(([key, units]) => [key, decimal(units)]))
}

function toApi({ headers, upstreamHeaders, problem, ...answer }: DecisionAnswer) {
  return {
    ...answer,
    headers: Object.fromEntries(headers),
    upstreamHeaders: Object.fromEntries(upstreamHeaders),
    problem: problem && { ...problem },
  }
}
