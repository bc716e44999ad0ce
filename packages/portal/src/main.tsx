import { createRoot } from 'react-dom/client'

import { App } from './frame/app.tsx'

const place = document.querySelector('#root')
if (place) createRoot(place).render(<App />)
