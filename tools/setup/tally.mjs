/** What a whole run came to. `skipped` holds sentences: the test's name says why. */
export function newTally() {
  return { passed: 0, failed: 0, skipped: [], failures: [] }
}

/** Counts one check that is no vitest test (types, lint, a bench). */
export function countCheck(tally, name, isGood) {
  if (isGood) tally.passed += 1
  else {
    tally.failed += 1
    tally.failures.push(name)
  }
}

/** Counts vitest's JSON report. A file that could not even be loaded counts as one failed test, and so does no report. */
export function countReport(tally, report, exitCode) {
  const failedBefore = tally.failed
  for (const file of report?.testResults ?? []) {
    const failedInFile = tally.failed
    for (const test of file.assertionResults) countTest(tally, file, test)
    if (file.status === 'failed' && tally.failed === failedInFile) {
      countCheck(tally, `${file.name}: ${firstLine(file.message) || 'could not be loaded'}`, false)
    }
  }
  // An unhandled rejection belongs to no test; vitest says so with its exit code alone.
  if (exitCode !== 0 && tally.failed === failedBefore) {
    countCheck(
      tally,
      report ? 'vitest: an error outside of every test, see above' : 'vitest: ended without a report',
      false,
    )
  }
}

function countTest(tally, file, test) {
  const name = `${file.name} > ${test.fullName.trim()}`
  if (test.status === 'passed') tally.passed += 1
  else if (test.status === 'failed') countCheck(tally, name, false)
  else tally.skipped.push(name)
}

function firstLine(text) {
  return String(text ?? '')
    .trim()
    .split('\n')[0]
}

/** The end of a run; its last line is `N passed, N failed`. */
export function tallyText(tally, root) {
  const short = (name) => name.replaceAll(`${root}/`, '')
  const list = (title, names) =>
    names.length === 0 ? [] : [`${title}:`, ...names.map((name) => `  ${short(name)}`), '']
  return [
    ...list(`${tally.skipped.length} skipped`, tally.skipped),
    ...list('Failed', tally.failures),
    `${tally.passed} passed, ${tally.failed} failed`,
  ].join('\n')
}
