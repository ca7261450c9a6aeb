export type SignInMail = 'sign_in' | 'reset_password' | 'verify_email'

interface Mail {
  readonly subject: string
  readonly text: string
  readonly html: string
}

const WORDS: Record<SignInMail, { subject: string; lead: string; button: string; note: string }> = {
  sign_in: {
    subject: 'Sign in to {product}',
    lead: 'Use this link to sign in.',
    button: 'Sign in',
    note: 'It works once and for 15 minutes. If you did not ask for it, ignore this mail.',
  },
  reset_password: {
    subject: 'Reset your {product} password',
    lead: 'Use this link to choose a new password.',
    button: 'Choose a new password',
    note: 'It works for one hour. If you did not ask for it, ignore this mail: nothing has changed.',
  },
  verify_email: {
    subject: 'Confirm your address for {product}',
    lead: 'Use this link to confirm that this address is yours.',
    button: 'Confirm address',
    note: 'If you did not sign up, ignore this mail.',
  },
}

/** The mails of signing in, as text and as HTML that says the same. */
export function signInMail(kind: SignInMail, product: string, url: string): Mail {
  const { subject, lead, button, note } = WORDS[kind]
  return {
    subject: subject.replace('{product}', product),
    text: `${lead}\n\n${url}\n\n${note}\n`,
    html: `<p>${lead}</p><p><a href="${escapeHtml(url)}">${button}</a></p><p>${note}</p>`,
  }
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
}
