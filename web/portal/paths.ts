/** The portal's sitemap. Links, routes and navigation use these and nothing else. */
export const paths = {
  overview: '/',
  quickstart: '/quickstart',
  keys: '/keys',
  usage: '/usage',
  billing: '/billing',
  invoices: '/invoices',
  invoice: '/invoices/$invoiceId',
  settings: '/settings',
  plans: '/plans',
  checkout: '/checkout/$intentId',
  signIn: '/sign-in',
  signUp: '/sign-up',
  welcome: '/welcome',
  checkMail: '/check-mail',
  forgotPassword: '/forgot-password',
  resetPassword: '/reset-password',
} as const
