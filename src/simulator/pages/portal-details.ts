import { deleteTaxId, insertTaxId } from '../customers/tax-ids.ts'
import { updateCustomer } from '../customers/customers.ts'
import type { Address, AddressParam, CustomerUpdateParams } from '../stripe.generated.ts'
import type { Answer } from '../wire/http.ts'
import { addressFields, readAddress } from './address-fields.ts'
import { TAX_ID_TYPES, taxIdLabel, taxIdType } from './countries.ts'
import {
  type Entered,
  enteredIn,
  isEmail,
  postForm,
  type Problems,
  selectField,
  textField,
} from './fields.ts'
import { html, type Html } from './html.ts'
import { redirect } from './layout.ts'
import type { Page } from './pages.ts'
import { frame, next, type Portal, portalPage } from './portal-frame.ts'

type Update = Portal['features']['customer_update']['allowed_updates'][number]

export const portalDetailPages: readonly Page[] = [
  portalPage({
    method: 'GET',
    path: '/details',
    feature: 'customer_update',
    show: (portal) => detailsPage(portal, {}, {}),
  }),
  portalPage({ method: 'POST', path: '/details', feature: 'customer_update', show: save }),
]

function detailsPage(portal: Portal, entered: Entered, problems: Problems): Answer {
  const { call, customer } = portal
  const common = { entered, problems }
  const field = (update: Update, shown: () => Html): Html =>
    allows(portal, update) ? shown() : { html: '' }
  return frame(portal, {
    title: 'Billing information',
    body: html`<h1>Billing information</h1>
      <div class="card">
        ${postForm(
          call,
          html`${field('name', () => textField({ ...common, name: 'name', label: 'Name', value: customer.name, autocomplete: 'name' }))}
            ${field('email', () => textField({ ...common, name: 'email', label: 'Email', type: 'email', value: customer.email, autocomplete: 'email' }))}
            ${field('phone', () => textField({ ...common, name: 'phone', label: 'Phone number', type: 'tel', value: customer.phone, autocomplete: 'tel', isOptional: true }))}
            ${field('address', () => addressFields(entered, problems, customer.address, 'Address'))}
            <button class="big" name="action" value="save" data-testid="submit">Save</button>`,
        )}
      </div>
      ${field('tax_id', () => taxIds(portal, entered, problems))}`,
  })
}

function allows({ features }: Portal, update: Update): boolean {
  return features.customer_update.allowed_updates.includes(update)
}

function taxIds({ tx, call, customer }: Portal, entered: Entered, problems: Problems): Html {
  const known = tx.where('tax_id', 'customer', customer.id)
  const list = html`<ul class="lines">
    ${known.map(
      ({ id, type, value }) =>
        html`<li>
          <div><strong>${value}</strong><small>${taxIdLabel(type)}</small></div>
          <div>
            ${postForm(
              call,
              html`<input type="hidden" name="taxIdId" value="${id}" />
                <button
                  class="link quiet"
                  name="action"
                  value="remove-tax-id"
                  aria-label="Remove ${value}"
                >
                  Remove
                </button>`,
            )}
          </div>
        </li>`,
    )}
  </ul>`
  return html`<section class="card" aria-labelledby="tax">
    <h2 id="tax">Tax numbers</h2>
    ${known.length === 0 ? html`<p class="soft">They are printed on your invoices.</p>` : list}
    ${postForm(
      call,
      html`<div class="row">
          ${selectField({ name: 'taxIdType', label: 'Type', entered, problems, value: 'eu_vat', options: TAX_ID_TYPES })}
          ${textField({ name: 'taxId', label: 'Number', entered, problems, placeholder: 'DE123456789' })}
        </div>
        <p>
          <button class="plain small" name="action" value="add-tax-id">Add tax number</button>
        </p>`,
    )}
  </section>`
}

function save(portal: Portal): Answer {
  const { tx, call, customer } = portal
  const entered = enteredIn(call.form)
  const here = call.incoming.path
  switch (entered['action']) {
    case 'add-tax-id': {
      const type = taxIdType(entered['taxIdType'] ?? '')
      const value = (entered['taxId'] ?? '').replaceAll(/[\s.-]/g, '')
      if (!allows(portal, 'tax_id') || type === undefined || !/^[A-Za-z0-9]{5,30}$/.test(value)) {
        return detailsPage(portal, entered, {
          taxId: 'Enter the tax number, letters and digits only.',
        })
      }
      insertTaxId(tx, customer.id, { type, value })
      return redirect(here)
    }
    case 'remove-tax-id': {
      const taxId = tx.find('tax_id', entered['taxIdId'] ?? '')
      if (allows(portal, 'tax_id') && taxId?.customer === customer.id) {
        deleteTaxId(tx, customer.id, taxId.id)
      }
      return redirect(here)
    }
    default: {
      const { params, problems } = readChanges(portal, entered)
      if (Object.keys(problems).length > 0) return detailsPage(portal, entered, problems)
      updateCustomer(tx, customer, params)
      return next(portal, 'details-changed', 'customer_update')
    }
  }
}

/** Only what the configuration allows is read, whatever was sent. */
function readChanges(
  portal: Portal,
  entered: Entered,
): { readonly params: CustomerUpdateParams; readonly problems: Problems } {
  const text = (name: string): string => entered[name]?.trim() ?? ''
  const problems: Record<string, string> = {}
  if (allows(portal, 'name') && text('name') === '') problems['name'] = 'Enter a name.'
  if (allows(portal, 'email') && !isEmail(text('email'))) {
    problems['email'] = 'Enter an email address such as ada@example.com.'
  }
  const place = allows(portal, 'address') ? readAddress(entered) : undefined
  return {
    params: {
      ...(allows(portal, 'name') ? { name: text('name') } : {}),
      ...(allows(portal, 'email') ? { email: text('email') } : {}),
      ...(allows(portal, 'phone') ? { phone: text('phone') } : {}),
      ...(place === undefined ? {} : { address: toParam(place.address) }),
    },
    problems: { ...problems, ...place?.problems },
  }
}

function toParam(address: Address): AddressParam {
  const given = Object.entries(address).filter(([, value]) => value !== null)
  return Object.fromEntries(given)
}
