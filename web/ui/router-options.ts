import { parseSearchWith, stringifySearchWith } from '@tanstack/react-router'
import { RouteError, RouteNotFound, RoutePending } from './route-states.tsx'

declare module '@tanstack/history' {
  /** What an entry of the browser's history carries besides its address. */
  interface HistoryState {
    /** Reached with "Next", so going back is the previous page of the listing. */
    isNextPage?: boolean
    /** From a mail's link, taken out of the address. */
    token?: string
  }
}

/** What the routers of both apps share. */
export const routerOptions = {
  defaultPreload: 'intent',
  // Freshness is the query client's business; the router always asks it.
  defaultPreloadStaleTime: 0,
  // A page that comes quickly should not flash its skeleton, and one that flashes should not flicker.
  defaultPendingMs: 250,
  defaultPendingMinMs: 300,
  defaultPendingComponent: RoutePending,
  defaultErrorComponent: RouteError,
  defaultNotFoundComponent: RouteNotFound,
  scrollRestoration: true,
  // Search parameters are words people can read and type: ?status=active, without quotes around it.
  parseSearch: parseSearchWith((value) => value),
  stringifySearch: stringifySearchWith(String),
} as const
