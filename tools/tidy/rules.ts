import { arrowsKept, arrowsTable, declaredImports } from './arrows-kept.ts'
import { bannedCalls } from './banned-calls.ts'
import { fileCeiling, functionCeiling, inheritance } from './ceilings.ts'
import { commentedOutCode, todoComments } from './comments.ts'
import { importCycles } from './cycles.ts'
import { barrels, defaultExports, exportStars, frontDoors } from './front-doors.ts'
import { kebabCase, limitNames, roomNames } from './names.ts'
import { benchPromises, changeFragments, decisionFiles, packageReadmes } from './papers.ts'
import { contractSuites } from './ports.ts'
import { publicDocs } from './public-docs.ts'
import { isCode } from './source-file.ts'
import type { Rule, SourceFile } from './source-file.ts'
import { syntaxOf } from './syntax.ts'
import { testsBesideSource } from './tests-beside.ts'

/** A file that does not parse would slip through every other rule. */
export function parses(files: readonly SourceFile[]): string[] {
  return files
    .filter(isCode)
    .flatMap((file) => syntaxOf(file).problems.map((problem) => `${file.path}: does not parse: ${problem}`))
}

/** All house rules that are checked, by the sentence they keep. Adding a rule is a function and a line here. */
export const rules: Readonly<Record<string, Rule>> = {
  'every file parses': parses,
  'rooms are named by the domain': roomNames,
  'files and folders are in kebab-case': kebabCase,
  'a limit is named …Max': limitNames,
  'the table of arrows is whole': arrowsTable,
  'imports follow the arrows': arrowsKept,
  'imports are declared in package.json': declaredImports,
  'a package is entered by its front door': frontDoors,
  'a door names what it exports': exportStars,
  'a package has no barrels inside': barrels,
  'a thing has a name, not a default export': defaultExports,
  'imports make no circles': importCycles,
  'a port with two implementations has a contract suite': contractSuites,
  'time, chance and the machine come in as arguments': bannedCalls,
  'a file is one sitting': fileCeiling,
  'a function is one screen': functionCeiling,
  'only errors inherit': inheritance,
  'no commented-out code': commentedOutCode,
  'a task names its issue': todoComments,
  'a test lives beside its source': testsBesideSource,
  'what is public is documented': publicDocs,
  'a decision tells why': decisionFiles,
  'a changelog fragment is well-formed': changeFragments,
  'a README opens with nouns': packageReadmes,
  'a bench says what it measures': benchPromises,
}
