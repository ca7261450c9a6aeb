/** Reading the OpenAPI document: its types, what of it is out of scope, and the two envelopes it cannot express well. */

export interface Schema {
  readonly $ref?: string
  readonly type?: string
  readonly format?: string
  readonly enum?: readonly (string | number | boolean)[]
  readonly nullable?: boolean
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: Schema | boolean
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly 'x-open-enum'?: boolean
  readonly 'x-absent'?: boolean
  readonly 'x-expansionResources'?: { readonly oneOf: readonly Schema[] }
}

interface Operation {
  readonly operationId: string
  readonly 'x-query-schema'?: Schema
  readonly requestBody?: { readonly content: Record<string, { readonly schema: Schema }> }
  readonly responses: {
    readonly 200?: { readonly content?: Record<string, { readonly schema: Schema }> }
  }
}

export interface Specification {
  readonly info: { readonly version: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
  readonly 'x-event-schemas': Readonly<Record<string, unknown>>
}

/** Kinds of payment the simulator does not know: their sub-objects are accepted unread and never produced. */
export const FOREIGN_PAYMENT_TYPES = new Set(
  `acss_debit affirm afterpay_clearpay alipay alma amazon_pay au_becs_debit bacs_debit bancontact billie bizum blik
  boleto card_present cashapp crypto customer_balance eps fpx giropay grabpay ideal interac_present kakao_pay klarna
  konbini kr_card link mb_way mobilepay multibanco naver_pay nz_bank_account oxxo p24 pay_by_bank payco paynow paypal
  paypay payto pix promptpay revolut_pay samsung_pay satispay scalapay sequra sofort sunbit swish twint upi
  us_bank_account wechat_pay wechat zip ach_credit_transfer ach_debit sepa_credit_transfer stripe_account
  stripe_balance id_bank_transfer`
    .trim()
    .split(/\s+/),
)

/** Objects of products the simulator does not have. A reference to one stays null and cannot be expanded. */
const FOREIGN_RESOURCE = new RegExp(
  `^(?:${[
    String.raw`(?:deleted_)?(?:application|bank_account|person|apple_pay_domain)|deleted_account`,
    String.raw`(?:climate|financial_connections|identity|issuing|product_catalog|reporting|reserve|tax|terminal|treasury)\..*`,
    String.raw`radar\.(?!early_fraud_warning$).*`,
    String.raw`v2\.core\.(?!event_destination$|event$).*`,
    'billing\\.feedback_option',
    ...`application_fee capability cash_balance confirmation_token connect_collection_transfer
    customer_cash_balance_transaction customer_session fee_refund file file_link invoice_rendering_template mandate
    payment_attempt_record payment_link payment_method_configuration payment_record payout reserve_transaction review
    scheduled_query_run shipping_rate source source_transaction tax_code topup transfer transfer_reversal`
      .trim()
      .split(/\s+/),
  ].join('|')})$`,
)

export const isResource = (name: string): boolean => !name.includes(':')
export const isKnownResource = (name: string): boolean =>
  name !== '' && !FOREIGN_RESOURCE.test(name) && !name.startsWith('v2.core.event:')
export const nameOf = (schema: Schema): string | undefined =>
  schema.$ref?.replace('#/components/schemas/', '')

export function dereference(specification: Specification, schema: Schema): Schema {
  const name = nameOf(schema)
  if (name === undefined) return schema
  const target = specification.components.schemas[name]
  if (target === undefined) throw new Error(`The specification has no schema ${name}`)
  return dereference(specification, target)
}

const text: Schema = { type: 'string' }
const object = (
  properties: Readonly<Record<string, Schema>>,
  optional: readonly string[] = [],
): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((key) => !optional.includes(key)),
})

/** Unions over every event there is: here the envelope alone, what it carries stands in the table of events. */
const ENVELOPES: Readonly<Record<string, Schema>> = {
  event: object(
    {
      id: text,
      object: { type: 'string', enum: ['event'] },
      account: text,
      api_version: { type: 'string', nullable: true },
      context: text,
      created: { type: 'integer' },
      data: object({ object: {}, previous_attributes: { type: 'object' } }, [
        'previous_attributes',
      ]),
      livemode: { type: 'boolean' },
      pending_webhooks: { type: 'integer' },
      request: { nullable: true, anyOf: [{ $ref: '#/components/schemas/Events:Event.Request' }] },
      type: text,
    },
    ['account', 'context'],
  ),
  // The SDK also takes numbers and null, and sends both as text.
  'shared:MetadataParam': { type: 'object', additionalProperties: text },
  'v2.core.event': object(
    {
      id: text,
      object: { type: 'string', enum: ['v2.core.event'] },
      changes: { type: 'object' },
      context: { type: 'string', nullable: true },
      created: text,
      data: {},
      livemode: { type: 'boolean' },
      reason: {
        ...object({
          type: { type: 'string', enum: ['request'] },
          request: object({ id: text, idempotency_key: text }),
        }),
        nullable: true,
      },
      related_object: { ...object({ id: text, type: text, url: text }), nullable: true },
      snapshot_event: text,
      type: text,
    },
    ['changes', 'context', 'data', 'reason', 'related_object', 'snapshot_event'],
  ),
}

export function loadSpecification(json: string): Specification {
  const source = JSON.parse(json) as Specification
  return {
    ...source,
    components: { schemas: { ...source.components.schemas, ...ENVELOPES } },
  }
}
