{{/* The parts, the port of each, and the file that it starts. */}}
{{- define "plane.parts" -}}
gateway: { port: 3100, main: gateway/dist/main.js }
customers: { port: 3101, main: subgraphs/customers/dist/main.js }
billing: { port: 3102, main: subgraphs/billing/dist/main.js }
licensing: { port: 3103, main: subgraphs/licensing/dist/main.js }
usage: { port: 3104, main: subgraphs/usage/dist/main.js }
{{- end -}}

{{/* Names leave room for a part (-migrations), and for the hashes that a Deployment adds. */}}
{{- define "plane.fullname" -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* Call these with (dict "root" $ "part" "billing"). */}}
{{- define "plane.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end -}}

{{- define "plane.labels" -}}
{{ include "plane.selector" . }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/part-of: iotistic
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "plane.pods" -}}
podSelector: { matchLabels: {{ include "plane.selector" . | fromYaml | toJson }} }
{{- end -}}

{{- define "plane.image" -}}
{{- $tag := .root.Values.image.tag | default .root.Chart.AppVersion -}}
{{- if and (eq .part "customers") .root.Values.deployments.enabled -}}
{{- $tag = .root.Values.deployments.imageTag | default $tag -}}
{{- end -}}
{{ .root.Values.image.repository }}:{{ $tag }}
{{- end -}}

{{- define "plane.pod" -}}
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "plane.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{/* The keys of the Secret that a part is given, as files: one a line. */}}
{{- define "plane.files" -}}
{{- if eq . "gateway" }}redis-url admin-api-token caller-private.pem
{{- else if eq . "licensing" }}database-url redis-url caller-public.pem license-private.pem license-encryption.key
{{- else if eq . "migrations" }}database-url
{{- else }}database-url redis-url caller-public.pem
{{- end }}
{{- end -}}

{{/* The names under which the processes know those files. */}}
{{- define "plane.fileNames" -}}
database-url: DATABASE_URL_FILE
redis-url: REDIS_URL_FILE
admin-api-token: ADMIN_API_TOKEN_FILE
caller-private.pem: CALLER_PRIVATE_KEY_FILE
caller-public.pem: CALLER_PUBLIC_KEY_FILE
license-private.pem: LICENSE_PRIVATE_KEY_FILE
license-encryption.key: LICENSE_KEY_ENCRYPTION_KEY_FILE
{{- end -}}

{{- define "plane.secretEnv" -}}
{{- $names := include "plane.fileNames" . | fromYaml -}}
{{- range $key := splitList " " (include "plane.files" .part) }}
- { name: {{ get $names $key }}, value: /secrets/{{ $key }} }
{{- end }}
{{- end -}}

{{- define "plane.secretVolume" -}}
- name: secrets
  secret:
    secretName: {{ .root.Values.existingSecret }}
    defaultMode: 0440
    items:
      {{- range $key := splitList " " (include "plane.files" .part) }}
      - { key: {{ $key }}, path: {{ $key }} }
      {{- end }}
{{- end -}}

{{/* What there may be: a key that is missing leaves its variable unset. */}}
{{- define "plane.optionalEnv" -}}
{{- range $name, $key := dict "STRIPE_SECRET_KEY" "stripe-secret-key" "STRIPE_WEBHOOK_SECRET" "stripe-webhook-secret" "STRIPE_WEBHOOK_SECRET_PREVIOUS" "stripe-webhook-secret-previous" "STRIPE_THIN_WEBHOOK_SECRET" "stripe-thin-webhook-secret" "SMTP_URL" "smtp-url" }}
- name: {{ $name }}
  valueFrom: { secretKeyRef: { name: {{ $.Values.existingSecret }}, key: {{ $key }}, optional: true } }
{{- end }}
{{- end -}}

{{/* Of every server: what Prometheus shows to read the metrics. */}}
{{- define "plane.metricsEnv" -}}
- name: METRICS_TOKEN
  valueFrom: { secretKeyRef: { name: {{ .Values.existingSecret }}, key: metrics-token, optional: true } }
{{- end -}}

{{/* Where people reach it; nothing where there is no ingress. */}}
{{- define "plane.url" -}}
{{- if .Values.ingress.enabled }}{{ .Values.ingress.tls.enabled | ternary "https" "http" }}://{{ .Values.ingress.host }}/{{ end -}}
{{- end -}}

{{/* The environment of a part, but for what is secret: a map, in which the operator's own words come last and win. */}}
{{- define "plane.environment" -}}
{{- $root := .root -}}
{{- $full := include "plane.fullname" $root -}}
{{- $parts := include "plane.parts" $root | fromYaml -}}
{{- $all := dict "NODE_ENV" "production" "HOST" "0.0.0.0" "PORT" (toString (get $parts .part).port) "LOG_LEVEL" $root.Values.logLevel -}}
{{- $_ := set $all "DRAIN_MS" "5000" -}}
{{- with (index $root.Values .part).databaseConnections }}{{ $_ := set $all "DATABASE_MAX_CONNECTIONS" (toString .) }}{{ end -}}
{{- if eq .part "gateway" -}}
{{- range $name := list "customers" "billing" "licensing" "usage" -}}
{{- $_ := set $all (printf "%s_URL" (upper $name)) (printf "http://%s-%s:%v/graphql" $full $name (get $parts $name).port) -}}
{{- end -}}
{{- $_ := set $all "TRUST_PROXY" (toString $root.Values.gateway.trustedProxies) -}}
{{- with $root.Values.gateway.corsOrigins }}{{ $_ := set $all "CORS_ORIGINS" (join "," .) }}{{ end -}}
{{- else if eq .part "billing" -}}
{{- $_ := set $all "MAIL_DIR" "/tmp/mail" -}}
{{- with $root.Values.billing.operatorEmail }}{{ $_ := set $all "OPERATOR_EMAIL" . }}{{ end -}}
{{- with include "plane.url" $root }}{{ $_ := set $all "CONSOLE_URL" . }}{{ end -}}
{{- else if and (eq .part "customers") $root.Values.deployments.enabled -}}
{{- $_ := set $all "HELM_CHART_PATH" $root.Values.deployments.chartPath -}}
{{- $_ := set $all "SIMULATE_K8S_DEPLOYMENT" "false" -}}
{{- $_ := set $all "INSTANCE_DOMAIN" $root.Values.deployments.instanceDomain -}}
{{- with include "plane.url" $root }}{{ $_ := set $all "CONTROL_PLANE_URL" (trimSuffix "/" .) }}{{ end -}}
{{- range $name := list "HOME" "HELM_CACHE_HOME" "HELM_CONFIG_HOME" "HELM_DATA_HOME" }}{{ $_ := set $all $name "/tmp/helm" }}{{ end -}}
{{- $all = mergeOverwrite $all (deepCopy $root.Values.deployments.env) -}}
{{- end -}}
{{- toYaml (mergeOverwrite $all (deepCopy $root.Values.env) (deepCopy (index $root.Values .part).env)) -}}
{{- end -}}
