import { authRoutes, resetPasswordRoute } from './routes/auth.tsx'
import { catalogRoutes } from './routes/catalog.tsx'
import { connectionRoutes } from './routes/connections.tsx'
import { customerRoutes } from './routes/customers.tsx'
import { gatewayRoutes } from './routes/gateway.tsx'
import { homeRoute } from './routes/home.tsx'
import { installationRoutes } from './routes/installation.tsx'
import { moneyRoutes } from './routes/money.tsx'
import { appRoute, nowhereRoute, rootRoute } from './routes/root.tsx'

/** Every address of the admin center; the files beside are the groups of its navigation. */
export const routeTree = rootRoute.addChildren([
  appRoute.addChildren([
    homeRoute,
    ...customerRoutes,
    ...catalogRoutes,
    ...gatewayRoutes,
    ...moneyRoutes,
    ...connectionRoutes,
    ...installationRoutes,
    nowhereRoute,
  ]),
  authRoutes,
  resetPasswordRoute,
])
