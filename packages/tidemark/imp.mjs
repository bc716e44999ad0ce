import module from 'node:module'
module.enableCompileCache(new URL('../../node_modules/.cache/tidemark', import.meta.url).pathname)
for (const m of process.argv.slice(2)) {
  const c = process.cpuUsage()
  const t = performance.now()
  await import(m)
  const d = process.cpuUsage(c)
  console.log(
    m.padEnd(40),
    (performance.now() - t).toFixed(0),
    'ms',
    ((d.user + d.system) / 1000).toFixed(0),
    'cpu ms',
    (process.memoryUsage().rss / 1e6).toFixed(0) + 'MB',
  )
}
