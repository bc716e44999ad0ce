/**
 * A statement that makes a group's query a function without arguments, on lines of its own, to stand before a query that
 * narrows by `membersKql` of the same function.
 */
export function groupFunctionKql(functionName: string, groupQuery: string): string {
  return `let ${functionName} = () {\n${groupQuery}\n};`
}

/** The names of the machines of a group that `groupFunctionKql` made a function, as a table: `Computer in (…)`. */
export function membersKql(functionName: string): string {
  return `${functionName}() | where isnotempty(Computer) | distinct Computer`
}
