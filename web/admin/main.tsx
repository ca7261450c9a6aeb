import { RouterProvider } from '@tanstack/react-router'
import { createRoot } from 'react-dom/client'
import { AppProviders } from '../ui/app-providers.tsx'
import '../ui/styles.css'
import { basePathOf, modeOf } from './mode.ts'
import { queryClient, router } from './router.ts'

const root = document.querySelector('#root')
if (root === null) throw new Error('index.html has no #root')

if (modeOf(location.pathname) === undefined) location.replace(basePathOf('test'))
else {
  createRoot(root).render(
    <AppProviders queryClient={queryClient}>
      <RouterProvider router={router} />
    </AppProviders>,
  )
}
