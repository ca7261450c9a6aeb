import { clientFor, type TestSimulator } from './support.ts'
import { visit } from './browser.ts'

let keys = 0

/** A fresh account, with the address of its dashboard. */
export async function openAccount(simulator: TestSimulator, mode: 'test' | 'live' = 'test') {
  keys += 1
  const key = `sk_${mode}_board${keys}`
  const stripe = clientFor(simulator.url, key)
  const { id } = await stripe.accounts.retrieveCurrent()
  const home = `${simulator.url}/${id}/${mode}`
  return {
    key,
    stripe,
    id,
    home,
    open: (path = '') => visit(`${home}${path}`),
    control: (method: 'GET' | 'POST', path: string, body?: unknown) =>
      simulator.control(method, path, body, key),
  }
}
