// Reads a ServiceMonitor from standard input, and refuses one that the schema of Prometheus' operator does not allow.
import { readFileSync } from 'node:fs';
import { ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor';

new ServiceMonitor(JSON.parse(readFileSync(0, 'utf8'))).validate();
