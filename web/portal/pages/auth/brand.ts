import { getRouteApi } from '@tanstack/react-router'
import type { AuthBrand } from '../../../ui/auth/sign-in.tsx'

const root = getRouteApi('__root__')

/** The operator's name and logo, as the auth screens take them. */
export function useBrand(): AuthBrand {
  const { branding } = root.useRouteContext()
  return { productName: branding.name, logoUrl: branding.logoUrl }
}
