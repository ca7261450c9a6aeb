import { useRouterState } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { VisuallyHidden } from './visually-hidden.tsx'

/** Reads the new page's title to a screen reader, which a change of route without a reload leaves silent. */
export function RouteAnnouncer() {
  const path = useRouterState({ select: (state) => state.resolvedLocation?.pathname })
  const [announced, setAnnounced] = useState<{ readonly path: string; readonly title: string }>()

  useEffect(() => {
    if (path === undefined) return undefined
    // The title is set while the page renders; a moment later it is there.
    const timer = setTimeout(() => setAnnounced({ path, title: document.title }), 100)
    return () => clearTimeout(timer)
  }, [path])

  return (
    <div aria-live="polite">
      <VisuallyHidden>{announced?.title}</VisuallyHidden>
    </div>
  )
}
