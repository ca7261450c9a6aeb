import { type ErrorComponentProps, useRouter } from '@tanstack/react-router'
import { Card } from './card.tsx'
import { EmptyState } from './empty-state.tsx'
import { ErrorState } from './error-state.tsx'
import { ButtonLink } from './link.tsx'
import { PageHeader } from './page-header.tsx'
import { hasStatus } from './problem.ts'
import styles from './route-states.module.css'
import { Skeleton } from './skeleton.tsx'

/** While a page loads that brings no skeleton of its own: the shape most pages have. */
export function RoutePending() {
  return (
    <div className={styles.page} role="status" aria-label="Loading">
      <div className={styles.header}>
        <Skeleton width="12rem" height="1.75rem" />
        <Skeleton width="22rem" height="0.875rem" />
      </div>
      <Card>
        <Skeleton lines={6} height="0.875rem" />
      </Card>
    </div>
  )
}

/** A page that could not be loaded or drawn. What is not there, or is someone else's, is simply not found. */
export function RouteError({ error, reset }: ErrorComponentProps) {
  const router = useRouter()
  if (hasStatus(error, 404)) return <RouteNotFound />
  return (
    <div className={styles.page}>
      <PageHeader title="This page could not be shown" />
      <Card>
        <ErrorState
          error={error}
          onRetry={() => {
            reset()
            void router.invalidate()
          }}
        />
      </Card>
    </div>
  )
}

export function RouteNotFound() {
  return (
    <div className={styles.page}>
      <PageHeader title="Not found" />
      <Card>
        <EmptyState
          icon="search"
          title="There is nothing at this address"
          description="It may have been deleted, or the link is incomplete."
          action={
            <ButtonLink to="/" icon="arrow-left">
              Back to the start
            </ButtonLink>
          }
        />
      </Card>
    </div>
  )
}
