import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import type { Search } from '../../ui/search-params.ts'
import { invoiceSearch, invoicesOf, paymentsOf } from '../pages/invoices/search.ts'
import { InvoiceListSkeleton, InvoiceSkeleton } from '../pages/invoices/skeleton.tsx'
import { paths } from '../paths.ts'
import { customerQuery, invoiceQuery, invoicesQuery, paymentsQuery } from '../queries.ts'
import { appRoute, pageTitle } from './root.tsx'

const invoicesRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.invoices,
  validateSearch: (search: Search) => invoiceSearch(search),
  loaderDeps: ({ search }) => search,
  loader: async ({ context: { queryClient }, deps }) => {
    if (deps.tab === 'payments') await queryClient.ensureQueryData(paymentsQuery(paymentsOf(deps)))
    else await queryClient.ensureQueryData(invoicesQuery(invoicesOf(deps)))
  },
  head: ({ match }) => pageTitle('Invoices & payments', match),
  pendingComponent: InvoiceListSkeleton,
  component: lazyRouteComponent(() => import('../pages/invoices/list.tsx'), 'InvoiceList'),
})

const invoiceRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.invoice,
  loader: async ({ context: { queryClient }, params }) => {
    const invoice = await queryClient.ensureQueryData(invoiceQuery(params.invoiceId))
    await queryClient.ensureQueryData(customerQuery(invoice.customerId))
    return { name: `Invoice ${invoice.number ?? ''}`.trim() }
  },
  head: ({ match, loaderData }) => pageTitle(loaderData?.name ?? 'Invoice', match),
  pendingComponent: InvoiceSkeleton,
  component: lazyRouteComponent(() => import('../pages/invoices/detail.tsx'), 'InvoicePage'),
})

export const moneyRoutes = [invoicesRoute, invoiceRoute] as const
