# Compiled in the first stage; the second holds the runtime, the package and what it depends on.
FROM node:26-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
# Dependencies of the package alone come first: they are what the second stage takes along.
RUN npm ci --omit=dev --no-audit --no-fund && mv node_modules /dependencies
RUN npm ci --no-audit --no-fund
COPY build.ts ./
COPY src ./src
RUN npm run build

FROM node:26-slim
ENV NODE_ENV=production
WORKDIR /opt/sluice
COPY --from=build /dependencies ./node_modules
COPY --from=build /src/dist ./dist
COPY package.json LICENSE README.md ./
COPY config ./config
# What messages name is read where they are shown: docs/messages.md and others.
COPY docs ./docs
USER node
# Gateway ports below 1024 get 8000 added, as the user may not bind them: 80 becomes 8080.
EXPOSE 8080 15000 15001
HEALTHCHECK --interval=10s --timeout=2s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:15000/ready').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Exec form: signals reach the process itself, which drains on SIGTERM and leaves nothing behind.
ENTRYPOINT ["node", "/opt/sluice/dist/main.js"]
CMD ["run", "-f", "/etc/sluice", "--gateway-bind", "0.0.0.0"]
