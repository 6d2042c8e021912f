/**
 * Control groups: version 1, version 2 and hybrids of both behind one interface, with limits,
 * freezing, killing, statistics and removal. Nothing here knows of containers, mounts inside them
 * or processes other than by their ids.
 */
package io.gantry.runtime.linux.cgroup;
