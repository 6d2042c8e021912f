package io.gantry.runtime.oci;

/**
 * Priority of a process's disk access, see ioprio_set(2).
 *
 * @param ioClass IOPRIO_CLASS_RT, IOPRIO_CLASS_BE or IOPRIO_CLASS_IDLE
 * @param priority 0 (highest) to 7
 */
public record OciIoPriority(String ioClass, int priority) {}
