/**
 * The one door to the Linux kernel: system calls by family ({@link io.gantry.runtime.linux.Files},
 * {@link io.gantry.runtime.linux.Mounts}, …), each an interface with one native class behind it,
 * and the readers of /proc and /sys. What a container is, which mounts it gets or what its
 * specification says must not be known here.
 */
package io.gantry.runtime.linux;
