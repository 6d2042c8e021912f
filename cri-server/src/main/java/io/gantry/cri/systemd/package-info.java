/**
 * What gantry asks of systemd where that runs the machine: transient units over D-Bus, and word of
 * the daemon's own state to the service manager. Which cgroups there are to be, and what for, is
 * decided in {@link io.gantry.cri.cgroup}.
 */
package io.gantry.cri.systemd;
