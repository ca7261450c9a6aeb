// Runs before the first paint, as a file of its own because the policy allows no inline script: the reader's choice of
// theme stands before anything is drawn. Without a choice the system decides. Read and written by web/ui/theme.ts.
;(() => {
  try {
    const theme = localStorage.getItem('farebox.theme')
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
  } catch {
    // Storage can be forbidden; the system's theme is a good answer then.
  }
})()
