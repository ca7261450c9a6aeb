import { styleText } from 'node:util'
import { EXAMPLE_PATH } from './example-api.ts'
import type { FirstOperator } from './first-run.ts'

export interface BannerFacts {
  readonly gatewayUrl: string
  readonly consoleUrl: string
  readonly simulatorUrl: string | undefined
  readonly upstreamUrl: string
  readonly isExampleUpstream: boolean
  readonly operator: FirstOperator | undefined
  readonly dataFolder: string
  /** Whether commands started where this one was find the folder without being told. */
  readonly isFoundByCli: boolean
  readonly isColored: boolean
  readonly milliseconds: number
}

/** What the terminal says when everything is up: where things are, how to get in, what to try. */
export function banner(facts: BannerFacts): string {
  const bold = (text: string): string => (facts.isColored ? styleText('bold', text) : text)
  const dim = (text: string): string => (facts.isColored ? styleText('dim', text) : text)
  const places: [string, string, string][] = [
    ['Gateway', facts.gatewayUrl, `in front of ${facts.upstreamUrl}`],
    ['Portal', `${facts.consoleUrl}/portal/`, 'what your customers see'],
    ['Admin', `${facts.consoleUrl}/admin/`, 'what you see'],
    ['API', `${facts.consoleUrl}/api/reference`, 'the REST API'],
  ]
  if (facts.simulatorUrl !== undefined) {
    places.push(['Stripe', facts.simulatorUrl, 'simulated, on this machine'])
  }
  const width = Math.max(...places.map(([, url]) => url.length))
  const data = facts.isFoundByCli ? '' : ` --data ${facts.dataFolder}`
  const path = facts.isExampleUpstream ? EXAMPLE_PATH : '/'
  const lines = [
    '',
    bold('Farebox is running') + dim(` (${(facts.milliseconds / 1000).toFixed(1)} s)`),
    '',
    ...places.map(([name, url, what]) => `  ${name.padEnd(8)} ${url.padEnd(width)}  ${dim(what)}`),
    '',
    ...signInLines(facts, bold),
    'Try it:',
    `  1. Sign up at ${facts.consoleUrl}/portal/ and choose a plan. Pay with 4242 4242 4242 4242.`,
    '  2. Call the API with the key you get:',
    bold(`       curl -H "Authorization: Bearer <key>" "${facts.gatewayUrl}${path}"`),
    `  3. See what a month later looks like: npx farebox clock advance P1M${data}`,
    '',
    dim('Ctrl-C stops it; the next start finds everything as it was.'),
    '',
  ]
  return lines.join('\n')
}

function signInLines(
  { operator, dataFolder }: BannerFacts,
  bold: (text: string) => string,
): string[] {
  if (operator === undefined) return []
  return [
    `Sign in to the admin center as ${bold(operator.email)}, password ${bold(operator.password)}`,
    `(also in ${dataFolder}/first-operator.json; change it before anyone else can reach this machine).`,
    '',
  ]
}
