{{- define "haulout.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "haulout.labels" -}}
app.kubernetes.io/name: haulout
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | quote }}
{{- end }}

{{- /* Selects the pods of one part: dict "root" $ "part" "gateway". */ -}}
{{- define "haulout.selector" -}}
app.kubernetes.io/name: haulout
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end }}

{{- define "haulout.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- /* Where instances may live, as the programs take it: a list, or * for everywhere. */ -}}
{{- define "haulout.namespaces" -}}
{{- if .Values.allNamespaces }}*{{ else }}{{ join "," .Values.namespaces }}{{ end }}
{{- end }}

{{- define "haulout.checked" -}}
{{- if and (not .Values.allNamespaces) (not .Values.namespaces) }}
{{- fail "no namespace is named in which instances may live: --set namespaces={team-a,team-b}, or --set allNamespaces=true to give Haulout rights everywhere" }}
{{- end }}
{{- if and .Values.allNamespaces .Values.namespaces }}
{{- fail "both namespaces and allNamespaces are set: with allNamespaces=true Haulout has rights everywhere, whatever the list says; set one of them" }}
{{- end }}
{{- end }}

{{- define "haulout.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "haulout.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- /* What both Deployments' pods have: dict "root" $ "part" "gateway" "values" .Values.gateway. */ -}}
{{- define "haulout.placement" -}}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .values.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity: {{ toYaml . | nindent 2 }}
{{- end }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{ include "haulout.selector" . | nindent 8 }}
{{- end }}
