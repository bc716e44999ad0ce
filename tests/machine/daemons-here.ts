// Prints the daemons of the machine on which it runs, and what could not be seen of them, as one line of JSON.
import { openServicesMachine, servicesCollector } from '@tidemark/changetracking/testing'

const collector = servicesCollector(openServicesMachine('/'))
const { items, gaps } = await collector.collect(new Map(), new AbortController().signal, [])
console.log(JSON.stringify({ columns: [...items.values()].map(({ columns }) => columns), gaps }))
