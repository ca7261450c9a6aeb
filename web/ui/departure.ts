import { useEffect, useState } from 'react'

interface Departure {
  /** From the moment the browser was sent away until it is gone. */
  readonly isLeaving: boolean
  readonly leaveFor: (url: string) => void
}

/**
 * Sends the reader to a page that is not ours, such as the payment page. Until the browser has gone the page counts as
 * busy; coming back with "Back" may show the very page that was left, which must be usable again.
 */
export function useDeparture(): Departure {
  const [isLeaving, setLeaving] = useState(false)

  useEffect(() => {
    const arrive = () => setLeaving(false)
    addEventListener('pageshow', arrive)
    return () => removeEventListener('pageshow', arrive)
  }, [])

  return {
    isLeaving,
    leaveFor: (url) => {
      setLeaving(true)
      location.assign(url)
    },
  }
}
