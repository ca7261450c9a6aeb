/** An RFC 9457 problem document as the API sends it. */
export interface ProblemDocument {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail: string
  readonly requestId: string
  /** What is wrong with which field of the input. */
  readonly errors?: readonly { readonly path: string; readonly message: string }[]
}

/** Thrown for every answer that is not a success. */
export class ProblemError extends Error {
  readonly problem: ProblemDocument

  constructor(problem: ProblemDocument) {
    super(problem.detail)
    this.name = 'ProblemError'
    this.problem = problem
  }

  get code(): string {
    return this.problem.code
  }

  get status(): number {
    return this.problem.status
  }
}
