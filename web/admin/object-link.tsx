import { CopyText } from '../ui/copy-text.tsx'
import { shortId } from '../ui/format.ts'
import { Link } from '../ui/link.tsx'
import { compact } from '../ui/search-params.ts'
import { paths } from './paths.ts'

interface ObjectLinkProps {
  /** As the audit log calls it: `customer`, `invoice`, `stripe_event`. */
  readonly kind: string
  readonly id: string
  /** An API key is found on its customer's page. */
  readonly customerId?: string | null
  /** Instead of the id, where a name is known. */
  readonly name?: string
}

/** Leads to the page of an object; what has none shows its id, to copy. */
export function ObjectLink({ kind, id, customerId = null, name }: ObjectLinkProps) {
  const label = name ?? <code>{shortId(id)}</code>
  switch (kind) {
    case 'customer':
      return (
        <Link to={paths.customer} params={{ customerId: id }}>
          {label}
        </Link>
      )
    case 'subscription':
      return (
        <Link to={paths.subscription} params={{ subscriptionId: id }}>
          {label}
        </Link>
      )
    case 'invoice':
      return (
        <Link to={paths.invoice} params={{ invoiceId: id }}>
          {label}
        </Link>
      )
    case 'payment':
      return (
        <Link to={paths.payment} params={{ paymentId: id }}>
          {label}
        </Link>
      )
    case 'dispute':
      return (
        <Link to={paths.dispute} params={{ disputeId: id }}>
          {label}
        </Link>
      )
    case 'plan':
      return (
        <Link to={paths.plan} params={{ planKey: id }}>
          {label}
        </Link>
      )
    case 'plan_order':
      return <Link to={paths.plans}>Plan order</Link>
    case 'meter':
      return (
        <Link to={paths.meter} params={{ meterKey: id }}>
          {label}
        </Link>
      )
    case 'feature':
      return (
        <Link to={paths.meters} search={{ tab: 'features' }}>
          {label}
        </Link>
      )
    case 'key':
      if (customerId === null) return <CopyText text={id} label="key id" />
      return (
        <Link to={paths.customer} params={{ customerId }} search={{ tab: 'keys' }}>
          {label}
        </Link>
      )
    case 'route':
      return (
        <Link to={paths.route} params={{ routeKey: id }}>
          {label}
        </Link>
      )
    case 'upstream':
      return (
        <Link to={paths.upstream} params={{ upstreamKey: id }}>
          {label}
        </Link>
      )
    case 'coupon':
      return (
        <Link to={paths.coupon} params={{ couponKey: id }}>
          {label}
        </Link>
      )
    case 'credit_grant':
      if (customerId === null) return <CopyText text={id} label="grant id" />
      return (
        <Link to={paths.customer} params={{ customerId }} search={{ tab: 'credits' }}>
          {label}
        </Link>
      )
    case 'dunning_case':
      return (
        <Link to={paths.dunning} search={compact({ customerId: customerId ?? undefined })}>
          {label}
        </Link>
      )
    case 'refund':
      return (
        <Link to={paths.refunds} search={compact({ customerId: customerId ?? undefined })}>
          {label}
        </Link>
      )
    case 'finding':
      return (
        <Link to={paths.findings} search={compact({ customerId: customerId ?? undefined })}>
          {label}
        </Link>
      )
    case 'setting':
      return <Link to={paths.settings}>{label}</Link>
    case 'stripe_event':
      return (
        <Link to={paths.webhookEvent} params={{ eventId: id }}>
          {label}
        </Link>
      )
    default:
      return <CopyText text={id} label={`${kind} id`} />
  }
}
