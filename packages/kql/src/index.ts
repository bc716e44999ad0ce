export { compileKql, warmUpKql } from './compile.ts'
export { problemCodes } from './contract.ts'
export type {
  AnswerColumn,
  Compiled,
  CompileOptions,
  CompileOutcome,
  KqlProblem,
  KqlTable,
  Parameter,
  ParameterValue,
  ProblemCode,
  Rejected,
  ScopeFilter,
  Spread,
  StoredTable,
  TableColumn,
  TimeWindow,
} from './contract.ts'
export { type KqlCompletion, type KqlCompletions, COMPLETIONS_MAX, completeKql } from './language/complete.ts'
export { knownFunctions } from './known.ts'
export { formatKql } from './language/format.ts'
export { hoverKql, type KqlSignatureHelp, signatureKql } from './language/hover.ts'
export { SPREAD_COLUMNS_MAX, spreadAnswer, type SpreadAnswer } from './spread.ts'
export { TEXT_CHARS_MAX } from './limits.ts'
export { timespanText } from './timespan.ts'
