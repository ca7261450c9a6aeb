import { RouterProvider } from '@tanstack/react-router'
import { createRoot } from 'react-dom/client'
import { AppProviders } from '../ui/app-providers.tsx'
import '../ui/styles.css'
import { queryClient, router } from './router.ts'

const root = document.querySelector('#root')
if (root === null) throw new Error('index.html has no #root')

createRoot(root).render(
  <AppProviders queryClient={queryClient}>
    <RouterProvider router={router} />
  </AppProviders>,
)
