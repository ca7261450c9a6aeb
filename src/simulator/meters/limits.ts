const DAY = 86_400

/** How far back usage may be reported, and how far a reporter's clock may run ahead. */
export const MAX_AGE_SECONDS = 35 * DAY
export const MAX_LEAD_SECONDS = 5 * 60
/** For how long an identifier cannot be used again, and an event be canceled. */
export const UNIQUE_SECONDS = DAY
