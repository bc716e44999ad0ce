import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [react()],
  // Relative, so that the built pages work under any path.
  base: './',
  build: { outDir: 'dist', emptyOutDir: true, chunkSizeWarningLimit: 1_500 },
  // For work on the pages: `npx vite` beside a running server.
  server: { proxy: { '/api': 'http://127.0.0.1:8437', '/v1': 'http://127.0.0.1:8437' } },
})
