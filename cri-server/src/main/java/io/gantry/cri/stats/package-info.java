/**
 * What containers use: processor, memory, swap, disk. Numbers come from shims and snapshots;
 * nothing here decides or changes anything.
 */
package io.gantry.cri.stats;
