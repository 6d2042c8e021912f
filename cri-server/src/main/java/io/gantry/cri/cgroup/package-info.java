/**
 * Who makes the cgroups of pods and containers, and how they are named: gantry by itself, or
 * systemd when it is asked. What limits they have, and what runs in them, is not decided here.
 */
package io.gantry.cri.cgroup;
