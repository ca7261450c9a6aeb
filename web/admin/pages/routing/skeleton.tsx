import { DetailSkeleton, ListSkeleton } from '../../page-skeletons.tsx'

export const ROUTE_HEADS = [
  { key: 'path', header: 'Requests to' },
  { key: 'key', header: 'Route', width: '9rem', isSecondary: true },
  { key: 'upstream', header: 'Go to', width: '10rem' },
  { key: 'costs', header: 'And count as' },
  { key: 'state', header: 'Status', width: '7rem' },
] as const

export const UPSTREAM_HEADS = [
  { key: 'key', header: 'Upstream', width: '12rem' },
  { key: 'targets', header: 'Answered by' },
  { key: 'care', header: 'When it fails', isSecondary: true },
  { key: 'routes', header: 'Routes', width: '6rem', align: 'end' },
] as const

export function RoutingSkeleton() {
  return <ListSkeleton title="Routes & upstreams" heads={ROUTE_HEADS} rows={5} isBare />
}

export function RouteSkeleton() {
  return <DetailSkeleton title="Route" />
}

export function UpstreamSkeleton() {
  return <DetailSkeleton title="Upstream" />
}
