/**
 * What pods and containers use, under the names that cAdvisor gave them and that dashboards ask
 * for; the kubelet passes them on as they are. Measuring is elsewhere, and so are the daemon's own
 * metrics.
 */
package io.gantry.cri.metrics;
