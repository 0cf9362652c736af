/** A page in the shape that a well-known exporter or client library gives its own, with our metrics among its. */
export interface ExporterPage {
  shape: string;
  isOpenMetrics: boolean;
  text: string;
  /** What it says of our metrics, added up. */
  gauges: Record<string, number>;
  counters: Record<string, number>;
}

const page = (shape: string, isOpenMetrics: boolean, text: string, gauges: Record<string, number>, counters: Record<string, number> = {}): ExporterPage => ({ shape, isOpenMetrics, text, gauges, counters });

/** Written for these tests; each has the habits of its kind: blanks, commas, numbers, comments, times. */
export const EXPORTER_PAGES: readonly ExporterPage[] = [
  page('Go client and node_exporter', false, `# HELP go_gc_duration_seconds A summary of pauses.
# TYPE go_gc_duration_seconds summary
go_gc_duration_seconds{quantile="0"} 2.1e-05
go_gc_duration_seconds{quantile="1"} 0.001
go_gc_duration_seconds_sum 0.25
go_gc_duration_seconds_count 12
# HELP node_filesystem_avail_bytes Space for ordinary users.
# TYPE node_filesystem_avail_bytes gauge
node_filesystem_avail_bytes{device="/dev/sda1",fstype="ext4",mountpoint="/"} 2.1474836e+10
# HELP process_start_time_seconds Start time of the process.
# TYPE process_start_time_seconds gauge
process_start_time_seconds 1.79588e+09
# HELP iotistic_active_devices Devices.
# TYPE iotistic_active_devices gauge
iotistic_active_devices{site="a"} 3
iotistic_active_devices{site="b"} 4
# HELP iotistic_storage_bytes Bytes.
# TYPE iotistic_storage_bytes gauge
iotistic_storage_bytes 1.2e+10
# HELP promhttp_metric_handler_requests_total Scrapes.
# TYPE promhttp_metric_handler_requests_total counter
promhttp_metric_handler_requests_total{code="200"} 5
`, { iotistic_active_devices: 7, iotistic_storage_bytes: 12_000_000_000 }),
  page('Mosquitto exporter', false, `# HELP broker_bytes_received The total number of bytes received since the broker started.
# TYPE broker_bytes_received counter
broker_bytes_received 5.847822e+06
# HELP broker_uptime
# TYPE broker_uptime untyped
broker_uptime NaN
# TYPE iotistic_mqtt_bytes_received_total counter
iotistic_mqtt_bytes_received_total 5.847822e+06
# TYPE iotistic_mqtt_messages_received_total counter
iotistic_mqtt_messages_received_total 3741
# TYPE iotistic_active_devices untyped
iotistic_active_devices 2
`, { iotistic_active_devices: 2 }, { iotistic_mqtt_bytes_received_total: 5_847_822, iotistic_mqtt_messages_received_total: 3741 }),
  page('JMX exporter and the older Java client: HELP with a blank for a text, a comma after the last label, doubles', false, `# HELP kafka_server_brokertopicmetrics_messagesin_total 
# TYPE kafka_server_brokertopicmetrics_messagesin_total counter
kafka_server_brokertopicmetrics_messagesin_total{topic="telemetry",} 9283741.0
# HELP jvm_memory_bytes_used Used bytes of a given JVM memory area.
# TYPE jvm_memory_bytes_used gauge
jvm_memory_bytes_used{area="heap",} 1.38412384E8
jvm_memory_bytes_max{area="nonheap",} -1.0
# HELP iotistic_http_requests_total 
# TYPE iotistic_http_requests_total counter
iotistic_http_requests_total{category="api",status="200",} 1.2E7
iotistic_http_requests_total{category="api",status="500",} 4.0
# TYPE iotistic_active_devices gauge
iotistic_active_devices 7.0
`, { iotistic_active_devices: 7 }, { iotistic_http_requests_total: 12_000_004 }),
  page('Micrometer: histograms, NaN gauges, exception labels', false, `# HELP http_server_requests_seconds Duration of HTTP server request handling
# TYPE http_server_requests_seconds histogram
http_server_requests_seconds_bucket{exception="None",method="GET",outcome="SUCCESS",status="200",uri="/api/{id}",le="0.05",} 11.0
http_server_requests_seconds_bucket{exception="None",method="GET",outcome="SUCCESS",status="200",uri="/api/{id}",le="+Inf",} 12.0
http_server_requests_seconds_count{exception="None",method="GET",outcome="SUCCESS",status="200",uri="/api/{id}",} 12.0
http_server_requests_seconds_sum{exception="None",method="GET",outcome="SUCCESS",status="200",uri="/api/{id}",} 0.3
# HELP hikaricp_connections_usage Connection usage
# TYPE hikaricp_connections_usage gauge
hikaricp_connections_usage{pool="main",} NaN
iotistic_active_devices{application="product",} 12.0
iotistic_total_devices{application="product",} 20.0
`, { iotistic_active_devices: 12, iotistic_total_devices: 20 }),
  page('Python client: floats, and a gauge for when each counter began', false, `# HELP python_info Python platform information
# TYPE python_info gauge
python_info{implementation="CPython",major="3",minor="12",patchlevel="1",version="3.12.1"} 1.0
# HELP python_gc_objects_collected_total Objects collected during gc
# TYPE python_gc_objects_collected_total counter
python_gc_objects_collected_total{generation="0"} 907.0
# HELP process_start_time_seconds Start time of the process since unix epoch in seconds.
# TYPE process_start_time_seconds gauge
process_start_time_seconds 1.79588057161e+09
# HELP iotistic_http_requests_total Requests.
# TYPE iotistic_http_requests_total counter
iotistic_http_requests_total{endpoint_category="telemetry"} 31.0
# HELP iotistic_http_requests_created Requests.
# TYPE iotistic_http_requests_created gauge
iotistic_http_requests_created{endpoint_category="telemetry"} 1.795880572e+09
# HELP iotistic_active_devices Devices.
# TYPE iotistic_active_devices gauge
iotistic_active_devices 5.0
`, { iotistic_active_devices: 5 }, { iotistic_http_requests_total: 31 }),
  page('Python client in OpenMetrics: the end of a counter, its beginning, an exemplar', true, `# HELP iotistic_http_requests Requests.
# TYPE iotistic_http_requests counter
iotistic_http_requests_total{endpoint_category="telemetry"} 31.0 # {trace_id="4bf92f3577b34da6"} 1.0 1795880600.5
iotistic_http_requests_created{endpoint_category="telemetry"} 1.795880572e+09
# HELP iotistic_active_devices Devices.
# TYPE iotistic_active_devices gauge
iotistic_active_devices 5.0
# EOF
`, { iotistic_active_devices: 5 }, { iotistic_http_requests_total: 31 }),
  page('Rust client in OpenMetrics: units, info, no blank line', true, `# HELP build Information about the build.
# TYPE build info
build_info{version="1.0.0",rustc="1.80"} 1
# HELP iotistic_storage_bytes Stored bytes.
# TYPE iotistic_storage_bytes gauge
# UNIT iotistic_storage_bytes bytes
iotistic_storage_bytes 4096
# HELP latency_seconds Latency.
# TYPE latency_seconds histogram
# UNIT latency_seconds seconds
latency_seconds_sum 0.5
latency_seconds_count 2
latency_seconds_bucket{le="0.1"} 0
latency_seconds_bucket{le="+Inf"} 2
# HELP iotistic_active_devices Devices.
# TYPE iotistic_active_devices gauge
iotistic_active_devices{kind="sensor"} 9
iotistic_active_devices{kind="gateway"} 1
# EOF
`, { iotistic_storage_bytes: 4096, iotistic_active_devices: 10 }),
  page('EMQX: TYPE without HELP, hundreds of zeros', false, `# TYPE emqx_messages_received counter
emqx_messages_received 0
# TYPE emqx_messages_publish counter
emqx_messages_publish 0
# TYPE emqx_vm_cpu_use gauge
emqx_vm_cpu_use 0.8000000000000114

# TYPE iotistic_mqtt_messages_published_total counter
iotistic_mqtt_messages_published_total{qos="0"} 10
iotistic_mqtt_messages_published_total{qos="1"} 0
# TYPE iotistic_active_devices gauge
iotistic_active_devices 0

`, { iotistic_active_devices: 0 }, { iotistic_mqtt_messages_published_total: 10 }),
  page('VerneMQ: a node for each sample', false, `# HELP mqtt_publish_received The number of PUBLISH packets received.
# TYPE mqtt_publish_received counter
mqtt_publish_received{node="VerneMQ@127.0.0.1",mqtt_version="4"} 12
mqtt_publish_received{node="VerneMQ@127.0.0.1",mqtt_version="5"} 3
iotistic_mqtt_messages_received_total{node="VerneMQ@127.0.0.1",mqtt_version="4"} 12
iotistic_mqtt_messages_received_total{node="VerneMQ@127.0.0.1",mqtt_version="5"} 3
iotistic_active_devices{node="VerneMQ@127.0.0.1"} 2
`, { iotistic_active_devices: 2 }, { iotistic_mqtt_messages_received_total: 15 }),
  page('Written by hand: blanks after commas, a lone hash, times, comments, a Windows path', false, `#
# Our own little page
#TYPE nothing
disk_free{path="C:\\\\data\\\\", label="a \\"quoted\\" one"} 1
requests{ method = "GET", code = "200", } 1027 1395066363000
	 
iotistic_active_devices{site="x", floor="1"}  3 1395066363000
iotistic_active_devices { site="y" , floor="2" }	4
`, { iotistic_active_devices: 7 }),
];
