import { CSPProvider } from '@base-ui/react/csp-provider'
import { Tooltip } from '@base-ui/react/tooltip'
import { type QueryClient, QueryClientProvider } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ToastProvider } from './toast.tsx'

interface AppProvidersProps {
  readonly queryClient: QueryClient
  readonly children: ReactNode
}

/** What every app stands in. The policy allows no inline styles, so Base UI must not write any. */
export function AppProviders({ queryClient, children }: AppProvidersProps) {
  return (
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={queryClient}>
        <Tooltip.Provider delay={400}>
          <ToastProvider>{children}</ToastProvider>
        </Tooltip.Provider>
      </QueryClientProvider>
    </CSPProvider>
  )
}
