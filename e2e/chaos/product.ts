import { COUNTERS, type Counter, GAUGES, type Gauge } from '../../instance-agent/src/usage.ts';
import type { Random } from './random.ts';

const METRICS: Record<Gauge | Counter, string> = {
  activeDevices: 'iotistic_active_devices',
  totalDevices: 'iotistic_total_devices',
  storageBytes: 'iotistic_storage_bytes',
  storageRows: 'iotistic_storage_rows',
  mqttMessagesPublished: 'iotistic_mqtt_messages_published_total',
  mqttMessagesReceived: 'iotistic_mqtt_messages_received_total',
  mqttBytesSent: 'iotistic_mqtt_bytes_sent_total',
  mqttBytesReceived: 'iotistic_mqtt_bytes_received_total',
  httpRequests: 'iotistic_http_requests_total',
  httpBytesSent: 'iotistic_http_bytes_sent_total',
  httpBytesReceived: 'iotistic_http_bytes_received_total',
};
const MOST: Record<Counter, number> = { mqttMessagesPublished: 900, mqttMessagesReceived: 2_000, mqttBytesSent: 300_000, mqttBytesReceived: 900_000, httpRequests: 60, httpBytesSent: 800_000, httpBytesReceived: 90_000 };
const MAX_DEVICES = 2_000;
const FIRST_DEVICES = 100;
const MAX_STORAGE_GB = 900;
const FIRST_STORAGE_GB = 40;
const BYTES_PER_GB = 1_000_000_000;

/** The product beside an agent: its traffic is made here, where no fault reaches, and what it comes to is known without the agent. */
export class Product {
  /** All that was ever counted, by name. */
  readonly counted: Record<Counter, number> = Object.fromEntries(COUNTERS.map((name) => [name, 0])) as Record<Counter, number>;
  readonly #gauges: Record<Gauge, number>;
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
    this.#gauges = { activeDevices: random.between(1, FIRST_DEVICES), totalDevices: MAX_DEVICES, storageBytes: random.between(1, FIRST_STORAGE_GB) * BYTES_PER_GB + random.between(0, BYTES_PER_GB), storageRows: 1_000 };
  }

  /** A moment of traffic: counters grow, gauges wander up and down. */
  live(): void {
    for (const name of COUNTERS) this.counted[name] += this.#random.between(0, MOST[name]);
    const devices = this.#gauges.activeDevices + this.#random.between(-4, 4);
    this.#gauges.activeDevices = Math.max(0, Math.min(MAX_DEVICES, devices));
    const storage = this.#gauges.storageBytes + this.#random.between(-3, 3) * (BYTES_PER_GB / 4);
    this.#gauges.storageBytes = Math.max(0, Math.min(MAX_STORAGE_GB * BYTES_PER_GB, storage));
    this.#gauges.storageRows += this.#random.between(0, 50);
  }

  /** As Prometheus asks for it; messages told apart by quality of service. */
  page(): string {
    const lines = GAUGES.map((name) => `${METRICS[name]} ${this.#gauges[name]}`);
    for (const name of COUNTERS) {
      const total = this.counted[name];
      const most = Math.floor(total / 3);
      if (name.startsWith('mqttMessages')) lines.push(`${METRICS[name]}{qos="0"} ${total - most}`, `${METRICS[name]}{qos="1"} ${most}`);
      else lines.push(`${METRICS[name]} ${total}`);
    }
    return `${lines.join('\n')}\n`;
  }
}
