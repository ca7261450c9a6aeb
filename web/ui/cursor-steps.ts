import { useLocation, useNavigate, useRouter } from '@tanstack/react-router'

interface CursorSteps {
  readonly onFirst: (() => void) | undefined
  readonly onPrevious: (() => void) | undefined
  readonly onNext: (() => void) | undefined
}

/**
 * The steps of a listing whose cursor is the search parameter `cursor`. Cursors only lead forwards; the way back is the
 * browser's history, as long as it was the way here.
 */
export function useCursorSteps(
  cursor: string | undefined,
  nextCursor: string | null | undefined,
): CursorSteps {
  const navigate = useNavigate()
  const { history } = useRouter()
  const { pathname, searchStr, state } = useLocation()
  const cameByNext = state.isNextPage === true

  function go(next: string | undefined) {
    const search = new URLSearchParams(searchStr)
    if (next === undefined) search.delete('cursor')
    else search.set('cursor', next)
    const href = search.size === 0 ? pathname : `${pathname}?${search.toString()}`
    void navigate({ href, state: next === undefined ? {} : { isNextPage: true } })
  }

  return {
    onFirst: cursor === undefined ? undefined : () => go(undefined),
    onPrevious: cursor !== undefined && cameByNext ? () => history.back() : undefined,
    onNext: nextCursor ? () => go(nextCursor) : undefined,
  }
}
