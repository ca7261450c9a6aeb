import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { randomToken } from '../kit/crypto.ts'
import { readCatalog } from '../api/admin/catalog-document.ts'
import type { CatalogFile } from '../domain/catalog/catalog-file.ts'
import type { PlanView } from '../domain/catalog/service.ts'
import { systemCaller } from '../domain/audit/caller.ts'
import {
  DEFAULT_ROUTE_POLICY,
  DEFAULT_UPSTREAM_POLICY,
  type Route,
  type Upstream,
} from '../domain/routing/route.ts'
import type { Domain } from './compose.ts'

const OPERATOR_EMAIL = 'operator@example.com'
const DEFAULT_UPSTREAM = 'default'
const PASSWORD_LENGTH = 16
const CATALOG = join(import.meta.dirname, '../../examples/catalogs/getting-started.yaml')

/** What the terminal shows of the operator that the first start made. */
export interface FirstOperator {
  readonly email: string
  readonly password: string
}

/** Files of the data folder that hold credentials; readable by their owner only. */
const FIRST_OPERATOR_FILE = 'first-operator.json'
const CLI_FILE = 'cli.json'

/**
 * Makes the first operator, with a password that stands in the terminal and in a file of the data folder. Undefined
 * where somebody else's operators are there already.
 */
export async function ensureOperator(
  { operators }: Domain,
  folder: string,
): Promise<FirstOperator | undefined> {
  const file = join(folder, FIRST_OPERATOR_FILE)
  const known = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as FirstOperator)
    : undefined
  if ((await operators.list()).length > 0) return known
  const operator = { email: OPERATOR_EMAIL, password: randomToken(PASSWORD_LENGTH) }
  await operators.create({ ...operator, name: 'Operator', role: 'super_admin' })
  writeFileSync(file, `${JSON.stringify(operator, null, 2)}\n`, { mode: 0o600 })
  return operator
}

/** Leaves a token for the CLI of this machine, once. */
export async function ensureCliToken(
  { operators }: Domain,
  folder: string,
  consoleUrl: string,
): Promise<void> {
  const file = join(folder, CLI_FILE)
  const [operator] = await operators.list()
  if (operator === undefined) return
  const stored = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as { url: string; token: string })
    : undefined
  const isValid = stored !== undefined && (await operators.byToken(stored.token)) !== undefined
  if (isValid && stored.url === consoleUrl) return
  const token = isValid
    ? stored.token
    : (await operators.issueToken(operator.id, 'CLI on this machine', null)).secret
  writeFileSync(file, `${JSON.stringify({ url: consoleUrl, token }, null, 2)}\n`, { mode: 0o600 })
}

/**
 * Everything that comes in goes to the upstream and counts as one request, until somebody says otherwise. A given
 * upstream replaces the one of the last start; routes that somebody made stay as they are.
 */
export async function ensureRoutes(
  { routing }: Domain,
  upstreamUrl: string,
  isGiven: boolean,
): Promise<void> {
  const { routes, upstreams } = await routing.current()
  const known = upstreams.find(({ key }) => key === DEFAULT_UPSTREAM)
  const upstream: Upstream = {
    key: DEFAULT_UPSTREAM,
    targets: [{ url: upstreamUrl, weight: 1 }],
    policy: known?.policy ?? DEFAULT_UPSTREAM_POLICY,
  }
  if (routes.length > 0) {
    const isSame = known?.targets.length === 1 && known.targets[0]?.url === upstreamUrl
    if (isGiven && known !== undefined && !isSame) {
      await routing.saveUpstream(systemCaller('test'), upstream)
    }
    return
  }
  const route: Route = {
    key: 'all',
    position: 1,
    match: { kind: 'prefix', path: '/' },
    host: null,
    methods: [],
    upstreamKey: DEFAULT_UPSTREAM,
    rewrite: null,
    isEnabled: true,
    policy: { ...DEFAULT_ROUTE_POLICY, meters: { requests: '1' } },
  }
  await routing.replace(systemCaller('test'), { upstreams: [upstream], routes: [route] })
}

/** Publishes the example catalog into an empty test mode, as `farebox plans push` would. */
export async function ensureCatalog({ audit, catalog, catalogFiles }: Domain): Promise<boolean> {
  const document = parse(readFileSync(CATALOG, 'utf8')) as Record<string, unknown>
  const { file } = readCatalog(document)
  const known = await catalog.plans('test')
  if (known.length > 0 && !(await isCutOff(audit, known, file))) return false
  await catalogFiles.push(systemCaller('test'), file)
  return true
}

/** A first start may have died in its push. What somebody has touched since is theirs. */
async function isCutOff(
  audit: Domain['audit'],
  known: readonly PlanView[],
  { plans }: CatalogFile,
): Promise<boolean> {
  const isOurs = known.every(({ key }) => plans.some((plan) => plan.key === key))
  const onSale = known.filter(({ active }) => active !== null)
  if (!isOurs || onSale.length === plans.length) return false
  const { data, nextCursor } = await audit.list('test', { targetKind: 'plan' }, { limit: 100 })
  return nextCursor === null && data.every(({ actorKind }) => actorKind === 'system')
}

/** Has the simulated Stripe report to us; a real one is told by whoever connects it. */
export async function ensureSimulatedWebhooks(
  { connections, settings, inbox }: Domain,
  consoleUrl: string,
): Promise<void> {
  if (!(await connections.view('test')).isSimulated) return
  const url = `${consoleUrl}/webhooks/stripe/test`
  const { api } = await connections.stripe('test')
  const hasSecret = (await settings.get('test', 'payment.stripe.webhook_secret')) !== null
  if (hasSecret && (await api.events.hasWebhookEndpoint(url))) return
  const { secret } = await api.events.createWebhookEndpoint(url, inbox.eventTypes())
  const secrets = [secret]
  const thinTypes = inbox.thinEventTypes()
  if (thinTypes.length > 0) {
    secrets.push((await api.events.createThinDestination(url, thinTypes)).secret)
  }
  await settings.set(systemCaller('test'), 'payment.stripe.webhook_secret', secrets.join(','))
}
