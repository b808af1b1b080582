import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), tailwindcss()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    // The page policy (SR-47) allows files from our own origin and nothing inline: fonts and images stay files, and
    // the module preload helper, which Vite would put into the page, is not needed by any browser we support.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: ["chrome123", "safari17.5", "firefox128"],
    sourcemap: false,
    chunkSizeWarningLimit: 400,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // What every page needs changes seldom and is fetched once.
            {
              name: "base",
              test: /node_modules\/(react|react-dom|scheduler|@tanstack)\//,
              minShareCount: 2,
              priority: 2,
            },
            // Parts that several pages share come as one file: thirty small ones cost more than they save.
            {
              name: "kit",
              test: /\/portal\/src\/(ui|lib)\/|node_modules\/(lucide-react|@base-ui|@floating-ui)\//,
              minShareCount: 3,
              priority: 1,
            },
          ],
        },
      },
    },
  },
  server: {
    port: 5173,
    proxy: { "/api": { target: "http://localhost:8080", changeOrigin: false } },
  },
});
