{{- define "thriftgate.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- /* The name of what the chart creates. It leaves room for "-admin". */ -}}
{{- define "thriftgate.fullname" -}}
{{- $name := include "thriftgate.name" . -}}
{{- $release := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- default $release .Values.fullnameOverride | trunc 57 | trimSuffix "-" -}}
{{- end -}}

{{- /* What selects the pods; it never changes. */ -}}
{{- define "thriftgate.selector" -}}
app.kubernetes.io/name: {{ include "thriftgate.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "thriftgate.labels" -}}
{{ include "thriftgate.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "thriftgate.serviceAccount" -}}
{{- default (include "thriftgate.fullname" .) .Values.serviceAccount.name -}}
{{- end -}}

{{- /* The configuration of the gateway, as YAML. */ -}}
{{- define "thriftgate.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- if not (or $config.backends $config.services) -}}
{{- fail "config.backends: say where the Thrift servers are" -}}
{{- end -}}
{{- $admin := dict "listen" (printf "0.0.0.0:%v" .Values.ports.admin) -}}
{{- $set := dict "listen" (printf "0.0.0.0:%v" .Values.ports.http) "admin" $admin -}}
{{- $idl := ternary (list "idl") list (not (empty .Values.idl.files)) -}}
{{- if .Values.idl.configMaps -}}
{{- $idl = append $idl "/etc/thriftgate-idl" -}}
{{- end -}}
{{- if $idl -}}
{{- $_ := set $set "idl" $idl -}}
{{- end -}}
{{- toYaml (merge $config $set) -}}
{{- end -}}

{{- /* What of the configuration only a new process can take over. */ -}}
{{- define "thriftgate.fixed" -}}
{{- $config := include "thriftgate.config" . | fromYaml -}}
{{- $fixed := pick $config "listen" "admin" "runtime" "drain" "tracing" -}}
{{- $_ := set $fixed "connections" (dig "limits" "connections" "" $config) -}}
{{- $_ := set $fixed "format" (dig "logging" "format" "" $config) -}}
{{- toJson $fixed -}}
{{- end -}}
