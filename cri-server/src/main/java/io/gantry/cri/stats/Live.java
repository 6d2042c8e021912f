package io.gantry.cri.stats;

import io.gantry.runtime.linux.cgroup.CgroupStats;
import java.util.OptionalLong;

/**
 * What processes use at one moment.
 *
 * @param nanoCores billionths of one processor, lately; absent right after the start
 */
public record Live(CgroupStats stats, int processes, OptionalLong nanoCores) {}
