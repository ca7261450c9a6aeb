import { getRouteApi } from '@tanstack/react-router'
import type { AuthBrand } from '../../../ui/auth/sign-in.tsx'

const root = getRouteApi('__root__')

export function useBrand(): AuthBrand {
  const { productName } = root.useRouteContext()
  return { productName: `${productName} admin center` }
}
