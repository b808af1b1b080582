# Hawser with its portal and the embedded PostgreSQL, run by an ordinary user. docs/guides/operating.md tells how.
FROM node:26-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY sdk/package.json sdk/
RUN npm ci
COPY . .
RUN node scripts/setup.mjs \
 && npm prune --omit=dev \
 && node scripts/link-postgres.ts

FROM node:26-bookworm-slim
WORKDIR /app
COPY --from=build /app/package.json /app/LICENSE ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/sdk sdk
COPY --from=build /app/portal/dist portal/dist
COPY --from=build /app/src src
# Nothing in the image can be changed by the user it runs as; what Hawser writes goes to /data and /files. Master keys come from outside.
RUN install -d -o node -g node -m 700 /data /files
ENV UV_THREADPOOL_SIZE=16 HAWSER_ENV=production HAWSER_HOST=0.0.0.0 HAWSER_PORT=8080 HAWSER_DATA=/data
VOLUME /data /files
USER node
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.HAWSER_PORT}/health`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--max-semi-space-size=4", "--heap-growing-percent=60", "src/cli/main.ts"]
CMD ["start"]
