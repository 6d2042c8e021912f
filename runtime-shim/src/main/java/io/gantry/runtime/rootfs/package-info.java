/**
 * A container's view of the filesystem, made before its first process exists: the root filesystem,
 * every mount of its configuration, devices, links and what hides or protects paths. Nothing here
 * launches processes or knows of cgroup limits.
 */
package io.gantry.runtime.rootfs;
