import { isTable, kindOf, partsOf, type SyntaxNode } from './analyzer/kusto.ts'
import { typeNamed } from './column-types.ts'
import { CALLS_MAX } from './limits.ts'
import { QueryMistake } from './problem.ts'
import { convertedTo } from './scalar/convert.ts'
import { listed, nameText, sourceText } from './scalar/names.ts'
import type { Scalar } from './scalar/scalar.ts'
import type { OwnFunction, Relation, Scope } from './scope.ts'
import { keepLet } from './statements.ts'

/** What a call of a function of the query's own gives as a value. */
export function ownFunctionValue(node: SyntaxNode, own: OwnFunction, scope: Scope): Scalar {
  return called(node, { own, scope, first: undefined }, (body, inner) => inner.value(body, inner))
}

/** The table that such a call gives. `first` is the input of `invoke`. */
export function ownFunctionTable(
  node: SyntaxNode,
  own: OwnFunction,
  { scope, first }: { readonly scope: Scope; readonly first?: Relation },
): Relation {
  return called(node, { own, scope, first }, (body, inner) => inner.relation(body, inner))
}

interface Invocation {
  readonly own: OwnFunction
  readonly scope: Scope
  readonly first: Relation | undefined
}

function called<T>(node: SyntaxNode, invocation: Invocation, compile: (body: SyntaxNode, scope: Scope) => T): T {
  const { own, scope } = invocation
  if (scope.callDepth >= CALLS_MAX)
    throw new QueryMistake('too-complex', `more than ${CALLS_MAX} functions call one another`, node)
  // The analyzer binds the body anew for each call, with the types that the arguments have.
  const body = node.GetCalledFunctionBody?.() ?? null
  if (body === null) throw new QueryMistake('unsupported', 'this function cannot be called here', node)
  const names = withArguments(node, invocation)
  const inside: Scope = {
    ...own.scope,
    ...names,
    writer: scope.writer,
    columns: new Map(),
    callDepth: scope.callDepth + 1,
    hint: () => undefined,
  }
  try {
    return compileBody(body, inside, compile)
  } catch (error) {
    // Places inside of a body count from its own begin: the call is where the reader finds them.
    if (!(error instanceof QueryMistake)) throw error
    const [callee] = partsOf(node)
    const name = nameText(kindOf(node) === 'NameReference' ? node : (callee ?? node))
    throw new QueryMistake(error.code, `in ${name}(): ${error.message}`, node)
  }
}

function compileBody<T>(body: SyntaxNode, inside: Scope, compile: (body: SyntaxNode, scope: Scope) => T): T {
  const scalars = new Map(inside.scalars)
  const relations = new Map(inside.relations)
  const functions = new Map(inside.functions)
  const scope: Scope = { ...inside, scalars, relations, functions }
  const statements = partsOf(body).flatMap((part) => (kindOf(part) === 'List' ? partsOf(part) : []))
  for (const statement of statements) keepLet(statement, { scope, scalars, relations, functions })
  const result = partsOf(body)
    .filter((part) => kindOf(part) !== 'List')
    .at(-1)
  if (result === undefined) throw new QueryMistake('semantics', 'this function gives nothing', body)
  return compile(kindOf(result) === 'ExpressionStatement' ? (partsOf(result)[0] ?? result) : result, scope)
}

type Names = Pick<Scope, 'scalars' | 'relations'>

function withArguments(node: SyntaxNode, { own, scope, first }: Invocation): Names {
  const scalars = new Map(own.scope.scalars)
  const relations = new Map(own.scope.relations)
  const [, list] = partsOf(node)
  const given = list === undefined || kindOf(node) === 'NameReference' ? [] : listed(list)
  const named = new Map<string, SyntaxNode>()
  const ordered: SyntaxNode[] = []
  for (const argument of given) {
    const [name, value] = kindOf(argument) === 'SimpleNamedExpression' ? partsOf(argument) : []
    if (name && value) named.set(nameText(name), value)
    else ordered.push(argument)
  }
  for (const [index, parameter] of parametersOf(own.declaration).entries()) {
    if (first && index === 0) {
      relations.set(parameter.name, () => first)
      scalars.delete(parameter.name)
      continue
    }
    const argument = named.get(parameter.name) ?? ordered.shift() ?? parameter.fallback
    if (argument === undefined)
      throw new QueryMistake('semantics', `an argument for "${parameter.name}" is missing here`, node)
    if (parameter.isTable || isTable(argument)) {
      relations.set(parameter.name, () => scope.relation(argument, scope))
      scalars.delete(parameter.name)
    } else {
      scalars.set(parameter.name, typed(scope.value(argument, scope), parameter.type))
      relations.delete(parameter.name)
    }
  }
  return { scalars, relations }
}

function typed(value: Scalar, typeText: string | undefined): Scalar {
  const type = typeText === undefined ? undefined : typeNamed(typeText)
  return type === undefined ? value : convertedTo(value, type)
}

interface OwnParameter {
  readonly name: string
  readonly type: string | undefined
  readonly isTable: boolean
  readonly fallback: SyntaxNode | undefined
}

function parametersOf(declaration: SyntaxNode): OwnParameter[] {
  const list = partsOf(declaration).find((part) => kindOf(part) === 'FunctionParameters')
  return (list ? listed(list) : []).map((parameter) => {
    const parts = partsOf(parameter)
    const pair = parts.find((part) => kindOf(part) === 'NameAndTypeDeclaration')
    const [name, type] = pair ? partsOf(pair) : []
    const fallback = parts.find((part) => kindOf(part) === 'DefaultValueDeclaration')
    return {
      name: name ? nameText(name) : '',
      type: type && kindOf(type) === 'PrimitiveTypeExpression' ? sourceText(type).trim() : undefined,
      isTable: type !== undefined && kindOf(type) === 'SchemaTypeExpression',
      fallback: fallback ? partsOf(fallback)[0] : undefined,
    }
  })
}
