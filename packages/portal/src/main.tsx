import { createRoot } from 'react-dom/client'

import { App } from './frame/app.tsx'
import { makeNoCode } from './frame/no-code.ts'

makeNoCode()

const place = document.querySelector('#root')
if (place) createRoot(place).render(<App />)
