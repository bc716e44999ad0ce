import type { QueryCell } from '@tidemark/model'

/** One row of an answer, column name to value. */
export type AnswerRow = Readonly<Record<string, QueryCell>>
