{{/* Names leave room for a part (-postgresql), and for the hash that a StatefulSet's revision adds to it. */}}
{{- define "instance.fullname" -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* Which pods a Service, a workload or a policy means. Call with (dict "root" $ "part" "api"). */}}
{{- define "instance.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end -}}

{{- define "instance.labels" -}}
{{ include "instance.selector" . }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/part-of: iotistic
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
iotistic.com/customer-id: {{ .root.Values.customer.id }}
iotistic.com/plan: {{ .root.Values.plan }}
{{- end -}}

{{- define "instance.image" -}}
{{ .image.repository }}:{{ .image.tag | default .root.Chart.AppVersion }}
{{- end -}}

{{/* Where the passwords between the parts are: the operator's Secret, or the generated one. */}}
{{- define "instance.passwords" -}}
{{- .Values.passwords.existingSecret | default (printf "%s-passwords" (include "instance.fullname" .)) -}}
{{- end -}}

{{/* What a part asks for: its own resources, else its plan's share. Call with (dict "root" $ "part" "api"). */}}
{{- define "instance.resources" -}}
{{- $own := (index .root.Values .part).resources -}}
{{- toYaml ($own | default (index .root.Values.sizes .root.Values.plan .part)) -}}
{{- end -}}

{{/* Of a pod: nobody's root, the default seccomp profile. Call with (dict "user" 999), or without for an image whose own user is not root. */}}
{{- define "instance.podSecurity" -}}
runAsNonRoot: true
{{- with .user }}
runAsUser: {{ . }}
runAsGroup: {{ . }}
{{- end }}
{{- with .group }}
fsGroup: {{ . }}
fsGroupChangePolicy: OnRootMismatch
{{- end }}
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "instance.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{/* What every pod of ours has at its head. */}}
{{- define "instance.pod" -}}
automountServiceAccountToken: false
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
{{- end -}}

{{/* An environment variable from the passwords. Call with (dict "root" $ "name" "REDIS_PASSWORD" "key" "redis-password"). */}}
{{- define "instance.password" -}}
- name: {{ .name }}
  valueFrom: { secretKeyRef: { name: {{ include "instance.passwords" .root }}, key: {{ .key }} } }
{{- end -}}

{{/* The port of the control plane's URL. */}}
{{- define "instance.controlPlanePort" -}}
{{- $url := urlParse .Values.controlPlane.url -}}
{{- regexFind ":[0-9]+$" $url.host | trimPrefix ":" | default (eq $url.scheme "https" | ternary "443" "80") -}}
{{- end -}}

{{/* How a part is asked whether it is up: patiently while it starts, then for traffic, then for its life. Call with the probe's action, as a map. */}}
{{- define "instance.probes" -}}
startupProbe:
  {{- toYaml . | nindent 2 }}
  periodSeconds: 5
  timeoutSeconds: 3
  failureThreshold: 60
readinessProbe:
  {{- toYaml . | nindent 2 }}
  periodSeconds: 5
  timeoutSeconds: 3
  failureThreshold: 2
livenessProbe:
  {{- toYaml . | nindent 2 }}
  periodSeconds: 10
  timeoutSeconds: 3
  failureThreshold: 6
{{- end -}}

{{- define "instance.agentHealth" -}}
[node, -e, "fetch('http://127.0.0.1:3002/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
{{- end -}}

{{/* A part's pods, as a policy selects them. */}}
{{- define "instance.pods" -}}
podSelector: { matchLabels: {{ include "instance.selector" . | fromYaml | toJson }} }
{{- end -}}
