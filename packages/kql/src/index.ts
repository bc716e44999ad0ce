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
  StoredTable,
  TimeWindow,
} from './contract.ts'
export { TEXT_CHARS_MAX } from './limits.ts'
export { timespanText } from './timespan.ts'
